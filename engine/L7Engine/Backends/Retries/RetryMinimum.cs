namespace L7Engine.Backends.Retries;

/// <summary>How many requests of one group were sent again in this second, over all loops.</summary>
/// <remarks>Thread-safe: interlocked. Touched by retries alone, never by a request that goes well.</remarks>
internal sealed class RetryMinimum
{
    private const int CountBits = 20;
    private const int MaxCount = (1 << CountBits) - 1;

    // The second, and behind it what was counted in it.
    private long _state;

    /// <summary>Counts one more, unless there are as many in this second.</summary>
    /// <param name="second">Of the loop's clock. A loop that is a turn behind counts in the second of the others.
    /// </param>
    public bool TryTake(long second, int max)
    {
        long seen = Volatile.Read(ref _state);
        while (true)
        {
            long latest = Math.Max(second, seen >> CountBits);
            long count = latest == seen >> CountBits ? seen & MaxCount : 0;
            if (count >= max)
            {
                return false;
            }

            long before = Interlocked.CompareExchange(ref _state, (latest << CountBits) + count + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }
    }

    /// <summary>Counts one less, unless its second is over and nothing depends on it any more.</summary>
    public void GiveBack(long second)
    {
        long seen = Volatile.Read(ref _state);
        while (seen >> CountBits == second && (seen & MaxCount) > 0)
        {
            long before = Interlocked.CompareExchange(ref _state, seen - 1, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Counts one more that needed no place here.</summary>
    public void Count(long second) => _ = TryTake(second, MaxCount);
}
