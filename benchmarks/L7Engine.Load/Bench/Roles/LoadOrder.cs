using System.Globalization;

namespace L7Engine.Load.Bench.Roles;

/// <summary>What the generator is told to send.</summary>
/// <remarks>It travels as one line of words between tabs: only the two programs of a run, which are one, read it.
/// </remarks>
internal sealed record LoadOrder
{
    /// <summary>Address and port.</summary>
    public required string Target { get; init; }

    /// <summary>The Host field; null is the target.</summary>
    public string? Host { get; init; }

    public string Path { get; init; } = "/";

    public required int Connections { get; init; }

    /// <summary>0 is a closed loop.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>True for a connection each request.</summary>
    public bool Closes { get; init; }

    public required TimeSpan Duration { get; init; }

    public TimeSpan WarmUp { get; init; }

    /// <summary>Null takes any.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>True when the response has to repeat the request's number.</summary>
    public bool EchoesId { get; init; }

    public string ToLine() => string.Join('\t', Target, Host, Path, Text(Connections), Text(RatePerSecond),
        Closes ? "close" : "keep", Text(Duration.TotalMilliseconds), Text(WarmUp.TotalMilliseconds),
        ExpectedBytes?.ToString(CultureInfo.InvariantCulture), EchoesId ? "echo" : "");

    public static LoadOrder OfLine(string line)
    {
        string[] words = line.Split('\t');
        return new LoadOrder
        {
            Target = words[0],
            Host = words[1].Length > 0 ? words[1] : null,
            Path = words[2],
            Connections = (int)NumberOf(words[3]),
            RatePerSecond = NumberOf(words[4]),
            Closes = words[5] == "close",
            Duration = TimeSpan.FromMilliseconds(NumberOf(words[6])),
            WarmUp = TimeSpan.FromMilliseconds(NumberOf(words[7])),
            ExpectedBytes = words[8].Length > 0 ? (long)NumberOf(words[8]) : null,
            EchoesId = words[9] == "echo",
        };
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static double NumberOf(string word) => double.Parse(word, CultureInfo.InvariantCulture);
}
