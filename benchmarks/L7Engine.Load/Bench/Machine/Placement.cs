using System.Globalization;

namespace L7Engine.Load.Bench.Machine;

/// <summary>Who runs on which processor; null where the system decides.</summary>
/// <param name="Subject">The proxy: alone where there are two.</param>
internal sealed record Placement(int? Subject, int? Generator, int? Backend)
{
    /// <summary>For the processors that may be used: the proxy has one for itself as soon as there are two, generator
    /// and backend as soon as there are three.</summary>
    public static Placement Of(IReadOnlyList<int> processors) => processors switch
    {
        [] or [_] => new Placement(null, null, null),
        [var first, var second] => new Placement(first, second, second),
        [var first, var second, var third, ..] => new Placement(first, second, third),
    };

    public IReadOnlyList<NamedText> Lines =>
    [
        new("proxy", Subject is null ? "wherever the system puts it" : $"core {Text(Subject)}, alone"),
        new("generator", Subject is null ? "the same"
            : $"core {Text(Generator)}{(Generator == Backend ? ", shared with the backend" : ", alone")}"),
        new("backend", Subject is null ? "the same"
            : $"core {Text(Backend)}{(Generator == Backend ? ", shared with the generator" : ", alone")}"),
    ];

    private static string? Text(int? core) => core?.ToString(CultureInfo.InvariantCulture);
}
