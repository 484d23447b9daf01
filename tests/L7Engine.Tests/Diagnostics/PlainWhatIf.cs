using L7Engine.Diagnostics;

namespace L7Engine.Tests.Diagnostics;

/// <summary>The what-if curve from the gaps themselves, one after the other, without classes: the oracle.</summary>
internal static class PlainWhatIf
{
    // A close comes up to a tick of 100 ms after its time.
    private const double LateMilliseconds = 50;

    /// <summary>Share of the gaps that a request ends within a timeout, and how long they last up to it, on average.
    /// </summary>
    /// <remarks>Aalen and Johansen's estimate at every single end, as textbooks have it.</remarks>
    public static (double Found, double Seconds) Censored(IEnumerable<RawGap> gaps, double timeoutMilliseconds)
    {
        RawGap[] ordered = [.. gaps.OrderBy(g => g.Milliseconds).ThenBy(g => g.End)];
        (double found, double open, double survival, double at) = (0, 0, 1, 0);
        for (int i = 0; i < ordered.Length && ordered[i].Milliseconds < timeoutMilliseconds; i++)
        {
            open += survival * (ordered[i].Milliseconds - at);
            at = ordered[i].Milliseconds;
            if (ordered[i].End != GapEnd.Engine)
            {
                double one = survival / (ordered.Length - i);
                found += ordered[i].End == GapEnd.Request ? one : 0;
                survival -= one;
            }
        }

        return (found, (open + (survival * (LateMilliseconds + timeoutMilliseconds - at))) / 1_000);
    }

    /// <summary>The same where every gap was watched to its end: plain counting.</summary>
    public static (double Found, double Seconds) Whole(IReadOnlyCollection<RawGap> gaps, double timeoutMilliseconds) => (
        gaps.Count(g => g.End == GapEnd.Request && g.Milliseconds < timeoutMilliseconds) / (double)gaps.Count,
        gaps.Average(g => g.Milliseconds < timeoutMilliseconds ? g.Milliseconds : timeoutMilliseconds + LateMilliseconds) / 1_000);
}
