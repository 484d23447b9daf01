using System.Globalization;
using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Roles;

/// <summary>What came of an order. It travels as one line, as orders do.</summary>
internal sealed record LoadAnswer
{
    public double RequestsPerSecond { get; init; }

    public long Completed { get; init; }

    public long ConnectionsOpened { get; init; }

    /// <summary>Such as "Reset 3, Timeout 1"; null when nothing failed.</summary>
    public string? Failures { get; init; }

    /// <summary>Of an open loop.</summary>
    public LatencyCounts Latencies { get; init; } = new([], []);

    public string ToLine() => string.Join('\t', RequestsPerSecond.ToString("R", CultureInfo.InvariantCulture),
        Text(Completed), Text(ConnectionsOpened), Failures, LineOf(Latencies.Nanoseconds), LineOf(Latencies.Counts));

    public static LoadAnswer OfLine(string line)
    {
        string[] words = line.Split('\t');
        return new LoadAnswer
        {
            RequestsPerSecond = double.Parse(words[0], CultureInfo.InvariantCulture),
            Completed = NumberOf(words[1]),
            ConnectionsOpened = NumberOf(words[2]),
            Failures = words[3].Length > 0 ? words[3] : null,
            Latencies = new LatencyCounts(NumbersOf(words[4]), NumbersOf(words[5])),
        };
    }

    private static string LineOf(long[] numbers) => string.Join(' ', numbers.Select(Text));

    private static long[] NumbersOf(string words) =>
        [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(NumberOf)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long NumberOf(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
