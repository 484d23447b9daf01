namespace L7Engine.Load.Bench.Report;

/// <summary>What a comparison says, in one sentence, and no more than it can say.</summary>
internal static class Verdict
{
    public static string Of(Comparison comparison) =>
        $"{comparison.Figure}: {comparison.First} is {FigureText.Number(comparison.Ratio.Median)} × "
            + $"{comparison.Second} (95\u00a0% interval {FigureText.Interval(comparison.Ratio)}). "
            + WinnerOf(comparison);

    private static string WinnerOf(Comparison comparison) =>
        comparison.Winner is { } winner ? $"Better: {winner}."
        : comparison.FirstValue.Overlaps(comparison.SecondValue) ? "No winner: the intervals overlap."
        : "No winner: the ratio may be 1.";
}
