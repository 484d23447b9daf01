namespace L7Engine.Load.Bench;

/// <summary>One point of a series.</summary>
/// <param name="Client">What clients do.</param>
/// <param name="At">Where on the horizontal axis.</param>
/// <param name="Value">How high.</param>
/// <param name="Blocks">Of how many blocks, or pairs of them.</param>
public sealed record SeriesPoint(ConnectionMode Client, double At, Estimate Value, int Blocks);
