namespace L7Engine.Load.Bench.Report;

/// <summary>What a comparison says, in one sentence, and no more than it can say.</summary>
internal static class Verdict
{
    public static string Of(Comparison comparison)
    {
        string said = $"{Capitalised(comparison.Figure)}: {comparison.First} is {RatioOf(comparison.Ratio)} times "
            + comparison.Second;
        return comparison.Winner is { } winner ? $"{said}; {winner} is better."
            : comparison.FirstValue.Overlaps(comparison.SecondValue)
                ? $"{said}; it cannot be told which is better: their intervals overlap."
                : $"{said}; it cannot be told which is better: the ratio may be 1.";
    }

    public static string RatioOf(Estimate ratio) =>
        $"{FigureText.Number(ratio.Median)} ({FigureText.Number(ratio.Low)} to {FigureText.Number(ratio.High)})";

    private static string Capitalised(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
