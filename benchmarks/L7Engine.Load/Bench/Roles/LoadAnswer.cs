using System.Globalization;
using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Roles;

/// <summary>What came of an order. It travels as one line, as orders do.</summary>
internal sealed record LoadAnswer
{
    public double RequestsPerSecond { get; init; }

    public long Completed { get; init; }

    public long ConnectionsOpened { get; init; }

    /// <summary>With those of the warm-up.</summary>
    public long TotalCompleted { get; init; }

    /// <summary>With those of the warm-up.</summary>
    public long TotalOpened { get; init; }

    /// <summary>Such as "3 × connection reset"; null when nothing failed.</summary>
    public string? Failures { get; init; }

    /// <summary>Of an open loop.</summary>
    public LatencyCounts Latencies { get; init; } = LatencyCounts.None;

    public string ToLine() => string.Join('\t', RequestsPerSecond.ToString("R", CultureInfo.InvariantCulture),
        Text(Completed), Text(ConnectionsOpened), Text(TotalCompleted), Text(TotalOpened), Failures,
        LineOf(Latencies.Nanoseconds), LineOf(Latencies.Counts));

    public static LoadAnswer OfLine(string line)
    {
        string[] words = line.Split('\t');
        return new LoadAnswer
        {
            RequestsPerSecond = double.Parse(words[0], CultureInfo.InvariantCulture),
            Completed = NumberOf(words[1]),
            ConnectionsOpened = NumberOf(words[2]),
            TotalCompleted = NumberOf(words[3]),
            TotalOpened = NumberOf(words[4]),
            Failures = words[5].Length > 0 ? words[5] : null,
            Latencies = new LatencyCounts(NumbersOf(words[6]), NumbersOf(words[7])),
        };
    }

    private static string LineOf(long[] numbers) => string.Join(' ', numbers.Select(Text));

    private static long[] NumbersOf(string words) =>
        [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(NumberOf)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long NumberOf(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
