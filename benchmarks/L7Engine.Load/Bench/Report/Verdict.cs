namespace L7Engine.Load.Bench.Report;

/// <summary>What a comparison says, in one sentence, and no more than it can say.</summary>
internal static class Verdict
{
    public static string Of(Comparison comparison)
    {
        string ratio = RatioOf(comparison.Ratio);
        return comparison.Winner is { } winner
            ? $"{Capitalised(comparison.Figure)}: {comparison.First} is {ratio} times {comparison.Second}. "
                + $"{Capitalised(winner)} is better."
            : $"{Capitalised(comparison.Figure)}: {comparison.First} is {ratio} times {comparison.Second}. "
                + "It cannot be told which is better: the intervals overlap.";
    }

    public static string RatioOf(Estimate ratio) =>
        $"{FigureText.Number(ratio.Median)} ({FigureText.Number(ratio.Low)} to {FigureText.Number(ratio.High)})";

    private static string Capitalised(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
