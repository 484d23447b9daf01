namespace L7Engine.Diagnostics;

/// <summary>
/// What one loop sees of the gaps of one listener's connections: the idle times between a response and what came next.
/// </summary>
/// <remarks>
/// One loop writes; any thread reads. A version is odd while it writes, and who reads tries again when it has changed:
/// no lock, and no picture of one half before a change and the other after it. Counts age: what is
/// <see cref="GapTotals.HalvingMilliseconds"/> old counts half. The next writer or reader sees to that; there is no
/// timer.
/// </remarks>
internal sealed class GapCounters(long nowMilliseconds)
{
    private const int EndCount = 3;

    // Doubles, so that halving again and again loses nothing.
    private readonly double[] _ends = new double[EndCount * GapBuckets.Count];
    private GapTotals _totals = new(nowMilliseconds);
    private int _version;

    /// <summary>A connection was accepted.</summary>
    public void Open(long nowMilliseconds)
    {
        BeginWrite(nowMilliseconds);
        _totals.ChangeBusy(1, nowMilliseconds);
        EndWrite();
    }

    /// <summary>An exchange has ended, and the connection waits for the next request or is closed.</summary>
    /// <param name="reason">Why it is closed; None when it stays open, and a gap begins.</param>
    /// <param name="persists">Whether the listener keeps connections at all.</param>
    public void EndExchange(CloseReason reason, bool persists, long nowMilliseconds)
    {
        BeginWrite(nowMilliseconds);
        _totals.Requests++;
        if (reason == CloseReason.None)
        {
            _totals.Kept++;
            _totals.ChangeBusy(-1, nowMilliseconds);
        }
        else if (reason == CloseReason.Drain || (reason == CloseReason.PersistenceOff && !persists))
        {
            // Another idle timeout here, or another time, would have kept it: a gap of which nothing is seen.
            _totals.Kept++;
            _ends[PlaceOf(GapEnd.Engine, 0)]++;
        }

        EndWrite();
    }

    /// <summary>A gap has ended: a request is there, or the connection is about to be closed.</summary>
    /// <param name="reason">Why it is closed; None for a request.</param>
    public void EndGap(CloseReason reason, long ageMilliseconds, long nowMilliseconds)
    {
        BeginWrite(nowMilliseconds);
        _ends[PlaceOf(GapEnd.Of(reason), GapBuckets.IndexOf(ageMilliseconds))]++;
        _totals.ChangeBusy(1, nowMilliseconds);
        EndWrite();
    }

    /// <summary>A connection has gone that was in no gap any more.</summary>
    public void Close(long nowMilliseconds)
    {
        BeginWrite(nowMilliseconds);
        _totals.ChangeBusy(-1, nowMilliseconds);
        EndWrite();
    }

    /// <summary>
    /// Adds what was counted, as old as it is at a moment. From any thread; waits only while the loop is amid
    /// a change, which is long when its thread has lost its core there.
    /// </summary>
    public void AddTo(GapSums sums, long nowMilliseconds)
    {
        double[] ends = new double[_ends.Length];
        GapTotals totals = CopyTo(ends);
        double factor = totals.AgeTo(nowMilliseconds);
        sums.Add(totals);
        for (int i = 0; i < GapBuckets.Count; i++)
        {
            sums.Add(
                i,
                byRequest: factor * ends[PlaceOf(GapEnd.Request, i)],
                byClient: factor * ends[PlaceOf(GapEnd.Client, i)],
                byEngine: factor * ends[PlaceOf(GapEnd.Engine, i)]);
        }
    }

    private GapTotals CopyTo(double[] ends)
    {
        while (true)
        {
            int version = Volatile.Read(ref _version);
            GapTotals totals = _totals;
            _ends.AsSpan().CopyTo(ends);
            Volatile.ReadBarrier();
            if (version == Volatile.Read(ref _version) && (version & 1) == 0)
            {
                return totals;
            }

            Thread.Yield();
        }
    }

    private static int PlaceOf(GapEnd end, int bucket) => ((int)end * GapBuckets.Count) + bucket;

    private void BeginWrite(long nowMilliseconds)
    {
        _version++;
        Volatile.WriteBarrier();
        if (_totals.IsHalvedBy(nowMilliseconds))
        {
            double factor = _totals.AgeTo(nowMilliseconds);
            foreach (ref double count in _ends.AsSpan())
            {
                count *= factor;
            }
        }
    }

    private void EndWrite()
    {
        Volatile.WriteBarrier();
        _version++;
    }
}
