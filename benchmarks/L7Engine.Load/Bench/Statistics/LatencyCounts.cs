namespace L7Engine.Load.Bench.Statistics;

/// <summary>How often each latency was seen in one block. Latencies that do not differ in three digits are one.
/// </summary>
/// <param name="Nanoseconds">Rising.</param>
/// <param name="Counts">Of each; at least 1.</param>
internal sealed record LatencyCounts(long[] Nanoseconds, long[] Counts)
{
    public static LatencyCounts None { get; } = new([], []);

    public long Total => Counts.Sum();

    public long Max => Nanoseconds.Length == 0 ? 0 : Nanoseconds[^1];
}
