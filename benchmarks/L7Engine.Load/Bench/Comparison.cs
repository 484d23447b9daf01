namespace L7Engine.Load.Bench;

/// <summary>One question: which of two is greater, and by how much.</summary>
public sealed record Comparison
{
    /// <summary>What is compared, with its unit, such as "requests a second".</summary>
    public required string Figure { get; init; }

    /// <summary>The one above the line of the ratio.</summary>
    public required string First { get; init; }

    /// <summary>The one below.</summary>
    public required string Second { get; init; }

    /// <summary>The figure of the first.</summary>
    public required Estimate FirstValue { get; init; }

    /// <summary>The figure of the second.</summary>
    public required Estimate SecondValue { get; init; }

    /// <summary>First over second, of the pairs of each round.</summary>
    public required Estimate Ratio { get; init; }

    /// <summary>True where more is better, false where less is.</summary>
    public bool IsMoreBetter { get; init; } = true;

    /// <summary>The better one; null when it cannot be told, because their intervals overlap or the ratio may be 1.
    /// </summary>
    public string? Winner =>
        FirstValue.Overlaps(SecondValue) || (Ratio.Low <= 1 && Ratio.High >= 1) ? null
        : Ratio.Median > 1 == IsMoreBetter ? First
        : Second;
}
