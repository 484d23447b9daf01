namespace L7Engine.Tests;

/// <summary>Measures what the current thread allocates on the heap.</summary>
internal static class Allocated
{
    private const int MostTries = 10;

    /// <param name="work">Runs once before, so that what only the first call costs is not counted; and again where it has
    /// allocated: until the code is compiled for good, which on a busy machine takes its time, it may.</param>
    /// <returns>The least of the tries.</returns>
    public static long BytesBy(Action work)
    {
        work();
        long least = long.MaxValue;
        for (int left = MostTries; left > 0 && least > 0; left--)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
