using L7Engine.Diagnostics;

namespace L7Engine.Tests.Diagnostics;

/// <summary>One gap as it was: what the counters make classes of.</summary>
internal readonly record struct RawGap(double Milliseconds, GapEnd End)
{
    /// <summary>Counts them as one loop does that has kept every connection.</summary>
    public static GapSums Sums(IEnumerable<RawGap> gaps, double observedMilliseconds = 1_000_000)
    {
        var sums = new GapSums();
        int count = 0;
        foreach (RawGap gap in gaps)
        {
            int bucket = GapBuckets.IndexOf((long)gap.Milliseconds);
            sums.Add(
                bucket,
                byRequest: gap.End == GapEnd.Request ? 1 : 0,
                byClient: gap.End == GapEnd.Client ? 1 : 0,
                byEngine: gap.End == GapEnd.Engine ? 1 : 0);
            count++;
        }

        var totals = new GapTotals(0) { Requests = count, Kept = count };
        totals.AgeTo((long)Math.Min(observedMilliseconds, GapTotals.HalvingMilliseconds - 1));
        sums.Add(totals);
        return sums;
    }
}
