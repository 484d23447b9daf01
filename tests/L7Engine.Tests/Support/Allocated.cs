namespace L7Engine.Tests;

/// <summary>Measures what the current thread allocates on the heap.</summary>
internal static class Allocated
{
    /// <param name="work">Runs once before, so that what only the first call costs is not counted.</param>
    public static long BytesBy(Action work)
    {
        work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
