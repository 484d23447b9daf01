namespace L7Engine.Diagnostics;

/// <summary>How busy one listener was on one loop: sums that age with time, as the classes of gaps do.</summary>
/// <remarks>A mutable struct: the counters have one, and whoever reads them a copy to bring up to date.</remarks>
internal struct GapTotals(long nowMilliseconds)
{
    /// <summary>What is this old counts half: 10 minutes.</summary>
    public const int HalvingMilliseconds = 600_000;

    // Past so many halvings nothing is left of a count.
    private const int MaxHalvings = 100;

    private long _halvedAt = nowMilliseconds;
    private long _changedAt = nowMilliseconds;
    private int _busyCount;

    /// <summary>Time that the sums stand for; it has aged as they have.</summary>
    public double ObservedMilliseconds { get; private set; }

    /// <summary>Time of connections that are open and not between two requests, all of them added up.</summary>
    public double BusyMilliseconds { get; private set; }

    public double Requests { get; set; }

    /// <summary>Requests after whose response the connection stayed open.</summary>
    public double Kept { get; set; }

    public readonly bool IsHalvedBy(long nowMilliseconds) => nowMilliseconds - _halvedAt >= HalvingMilliseconds;

    /// <summary>A connection has become busy (1), or is no longer (-1).</summary>
    public void ChangeBusy(int by, long nowMilliseconds)
    {
        Move(nowMilliseconds);
        _busyCount += by;
    }

    /// <summary>Brings the sums up to a moment.</summary>
    /// <returns>By what all counts beside them have to be multiplied, for their age.</returns>
    public double AgeTo(long nowMilliseconds)
    {
        double factor = 1;
        long late = (nowMilliseconds - _halvedAt) / HalvingMilliseconds - MaxHalvings;
        if (late > 0)
        {
            _halvedAt += late * HalvingMilliseconds;
        }

        while (IsHalvedBy(nowMilliseconds))
        {
            Move(_halvedAt + HalvingMilliseconds);
            _halvedAt += HalvingMilliseconds;
            (Requests, Kept, factor) = (Requests / 2, Kept / 2, factor / 2);
            (ObservedMilliseconds, BusyMilliseconds) = (ObservedMilliseconds / 2, BusyMilliseconds / 2);
        }

        Move(nowMilliseconds);
        return factor;
    }

    private void Move(long nowMilliseconds)
    {
        long passed = Math.Max(nowMilliseconds - _changedAt, 0);
        ObservedMilliseconds += passed;
        BusyMilliseconds += (double)_busyCount * passed;
        _changedAt += passed;
    }
}
