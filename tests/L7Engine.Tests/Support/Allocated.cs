namespace L7Engine.Tests;

/// <summary>Measures what the current thread allocates on the heap.</summary>
internal static class Allocated
{
    private const int MostTries = 10;

    /// <param name="work">Runs once before, so that what only the first call costs is not counted; and again where the heap was
    /// collected meanwhile: what the thread had left of its piece of it counts as allocated then.</param>
    public static long BytesBy(Action work)
    {
        work();
        long bytes = 0;
        for (int left = MostTries; left > 0; left--)
        {
            int collections = GC.CollectionCount(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (bytes == 0 || GC.CollectionCount(0) == collections)
            {
                break;
            }
        }

        return bytes;
    }
}
