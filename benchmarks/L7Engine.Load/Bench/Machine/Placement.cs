using System.Globalization;

namespace L7Engine.Load.Bench.Machine;

/// <summary>Who runs on which processor; null where the system decides.</summary>
/// <param name="Subject">The proxy: alone where there are two.</param>
internal sealed record Placement(int? Subject, int? Generator, int? Backend)
{
    /// <summary>For the processors that may be used: the proxy has a core for itself as soon as there are two,
    /// generator and backend as soon as there are three.</summary>
    /// <param name="siblingsOf">The processors of the same core, itself included.</param>
    public static Placement Of(IReadOnlyList<int> processors, Func<int, IReadOnlyList<int>> siblingsOf)
    {
        if (processors.Count < 2)
        {
            return new Placement(null, null, null);
        }

        IReadOnlyList<int> spread = Processors.SpreadOverCores(processors, siblingsOf);
        int[] others = [.. spread.Skip(1).Except(siblingsOf(spread[0]))];
        return others switch
        {
            [] => new Placement(spread[0], spread[1], spread[1]),
            [var second] => new Placement(spread[0], second, second),
            [var second, var third, ..] => new Placement(spread[0], second, third),
        };
    }

    /// <summary>True when the proxy's core has a second thread on which others run.</summary>
    public bool IsCoreShared(Func<int, IReadOnlyList<int>> siblingsOf) =>
        Subject is { } subject && siblingsOf(subject).Any(s => s == Generator || s == Backend);

    /// <param name="hasTarget">True where neither proxy nor backend are of this run.</param>
    public IReadOnlyList<NamedText> LinesOf(bool hasTarget) => Subject is null
        ? [new("all processes", "any CPU")]
        : hasTarget
        ? [new("generator", $"CPU {Text(Generator)}"), new("target", "where it was started; maybe on the same CPU")]
        :
        [
            new("proxy", $"CPU {Text(Subject)}, with no other process of this run"),
            new("generator", $"CPU {Text(Generator)}, with {(Generator == Backend ? "the backend" : "no other")}"),
            new("backend", $"CPU {Text(Backend)}, with {(Generator == Backend ? "the generator" : "no other")}"),
        ];

    private static string? Text(int? core) => core?.ToString(CultureInfo.InvariantCulture);
}
