namespace L7Engine.Diagnostics;

/// <summary>The gaps of one listener over all loops, as a picture: by age and by what ended them.</summary>
/// <remarks>Not thread-safe: whoever makes the picture owns it.</remarks>
internal sealed class GapSums
{
    private readonly double[] _byRequest = new double[GapBuckets.Count];
    private readonly double[] _byClient = new double[GapBuckets.Count];
    private readonly double[] _byEngine = new double[GapBuckets.Count];

    public ReadOnlySpan<double> ByRequest => _byRequest;

    public ReadOnlySpan<double> ByClient => _byClient;

    public ReadOnlySpan<double> ByEngine => _byEngine;

    /// <summary>Gaps that have ended, whatever ended them.</summary>
    public double GapCount { get; private set; }

    public double Requests { get; private set; }

    /// <summary>Requests after whose response the connection stayed open.</summary>
    public double Kept { get; private set; }

    /// <summary>Time of connections that are open and in no gap, all of them added up.</summary>
    public double BusyMilliseconds { get; private set; }

    /// <summary>How long the loops counted. They began together.</summary>
    public double ObservedMilliseconds { get; private set; }

    /// <param name="loops">Null where the listener is not there yet.</param>
    /// <param name="nowMilliseconds">The time of the loops.</param>
    public static GapSums Of(IEnumerable<GapCounters?> loops, long nowMilliseconds)
    {
        var sums = new GapSums();
        foreach (GapCounters? loop in loops)
        {
            loop?.AddTo(sums, nowMilliseconds);
        }

        return sums;
    }

    public void Add(in GapTotals totals)
    {
        Requests += totals.Requests;
        Kept += totals.Kept;
        BusyMilliseconds += totals.BusyMilliseconds;
        ObservedMilliseconds = Math.Max(ObservedMilliseconds, totals.ObservedMilliseconds);
    }

    /// <param name="bucket">One of <see cref="GapBuckets"/>.</param>
    public void Add(int bucket, double byRequest, double byClient, double byEngine)
    {
        _byRequest[bucket] += byRequest;
        _byClient[bucket] += byClient;
        _byEngine[bucket] += byEngine;
        GapCount += byRequest + byClient + byEngine;
    }
}
