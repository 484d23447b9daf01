namespace L7Engine.Load.Bench.Statistics;

/// <summary>Percentiles of all blocks together, and how far they can be believed.</summary>
/// <remarks>
/// The blocks' latencies are thrown together before a percentile is taken: a thousandth of one short block is hardly a
/// request, a thousandth of all blocks is some. Pure.
/// </remarks>
internal static class LatencyFigures
{
    private static readonly double[] CurvePercents =
        [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999];

    /// <param name="percents">0 to 100.</param>
    /// <returns>Each percentile in microseconds; null when there is no latency.</returns>
    public static Estimate[]? Percentiles(IReadOnlyList<LatencyCounts> blocks, double[] percents, int seed)
    {
        if (!blocks.Any(b => b.Total > 0))
        {
            return null;
        }

        long[] values = [.. blocks.SelectMany(b => b.Nanoseconds).Distinct().Order()];
        (int Index, long Count)[][] places =
        [
            .. blocks.Select(b => b.Nanoseconds
                .Select((value, i) => (Array.BinarySearch(values, value), b.Counts[i])).ToArray()),
        ];
        long[] counts = new long[values.Length];
        return Bootstrap.Of(blocks.Count, seed, percents.Length, (chosen, figures) =>
        {
            Array.Clear(counts);
            foreach (int block in chosen)
            {
                foreach ((int index, long count) in places[block])
                {
                    counts[index] += count;
                }
            }

            for (int i = 0; i < percents.Length; i++)
            {
                figures[i] = ValueAt(values, counts, percents[i]) / 1e3;
            }
        });
    }

    /// <summary>A percentile of one block, in microseconds; 0 when there is no latency.</summary>
    public static double At(LatencyCounts block, double percent) =>
        ValueAt(block.Nanoseconds, block.Counts, percent) / 1e3;

    /// <returns>From the least percentile to the last one that more than one request is above.</returns>
    public static IReadOnlyList<LatencyPoint> CurveOf(IReadOnlyList<LatencyCounts> blocks)
    {
        var counts = new SortedDictionary<long, long>();
        foreach (LatencyCounts block in blocks)
        {
            for (int i = 0; i < block.Counts.Length; i++)
            {
                counts[block.Nanoseconds[i]] = counts.GetValueOrDefault(block.Nanoseconds[i]) + block.Counts[i];
            }
        }

        long total = counts.Values.Sum();
        long[] values = [.. counts.Keys];
        long[] each = [.. counts.Values];
        return
        [
            .. CurvePercents.Where(p => IsTold(total, p))
                .Select(p => new LatencyPoint(p, ValueAt(values, each, p) / 1e3)),
        ];
    }

    /// <summary>Whether so many latencies tell a percentile: p99.9 is told by 1,000 at least.</summary>
    public static bool IsTold(long count, double percent) => Math.Round(count * (100 - percent) / 100, 6) >= 1;

    // The least value that the share of all does not exceed, as HdrHistogram has it.
    private static long ValueAt(long[] values, long[] counts, double percent)
    {
        long total = counts.Sum();
        long wanted = Math.Max(1, (long)Math.Ceiling(total * percent / 100));
        long seen = 0;
        for (int i = 0; i < values.Length; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
            {
                return values[i];
            }
        }

        return 0;
    }
}
