namespace L7Engine.Backends.Retries;

/// <summary>Which requests of one loop to one group may be sent again at the cost of a backend.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. The share is that of the loop's own requests, so that counting them is
/// a plain addition; a loop of few requests is not starved by that, because the minimum is shared by all loops, and
/// touched by retries alone. Split over the loops it would be less than one a second each.
/// </remarks>
internal sealed class RetryBudget(RetryMinimum minimum)
{
    /// <summary>Requests and retries of so many seconds are looked at, the one that runs included.</summary>
    public const int WindowSeconds = 10;

    private const int MillisecondsPerSecond = 1000;

    private readonly int[] _requests = new int[WindowSeconds];
    private readonly int[] _retries = new int[WindowSeconds];
    private long _second;
    private int _requestCount;
    private int _retryCount;

    private int Place => (int)(_second % WindowSeconds);

    public void CountRequest(long nowMilliseconds)
    {
        MoveTo(nowMilliseconds / MillisecondsPerSecond);
        _requests[Place]++;
        _requestCount++;
    }

    /// <summary>Takes one retry out of the budget.</summary>
    /// <returns>False when the budget is spent.</returns>
    public bool TryTake(long nowMilliseconds, RetryOptions options)
    {
        MoveTo(nowMilliseconds / MillisecondsPerSecond);
        if (_retryCount + 1 <= options.BudgetShare * _requestCount)
        {
            minimum.Count(_second);
        }
        else if (!minimum.TryTake(_second, options.BudgetMinimum))
        {
            return false;
        }

        _retries[Place]++;
        _retryCount++;
        return true;
    }

    /// <summary>Gives a retry back that was not made after all.</summary>
    /// <param name="takenMilliseconds">When it was taken, on the same clock.</param>
    public void GiveBack(long takenMilliseconds, long nowMilliseconds)
    {
        MoveTo(nowMilliseconds / MillisecondsPerSecond);
        long second = takenMilliseconds / MillisecondsPerSecond;
        if (_second - second < WindowSeconds)
        {
            _retries[second % WindowSeconds]--;
            _retryCount--;
        }

        minimum.GiveBack(second);
    }

    // Seconds that have passed make room for those that come.
    private void MoveTo(long second)
    {
        if (second == _second)
        {
            return;
        }

        for (int left = (int)Math.Min(second - _second, WindowSeconds); left > 0; left--)
        {
            int place = (int)((second - left + 1) % WindowSeconds);
            _requestCount -= _requests[place];
            _retryCount -= _retries[place];
            (_requests[place], _retries[place]) = (0, 0);
        }

        _second = second;
    }
}
