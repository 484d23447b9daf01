namespace L7Engine.Load.Bench;

/// <summary>One combination of what clients and what the engine do with their connections.</summary>
public sealed record Quadrant
{
    /// <summary>What clients do.</summary>
    public required ConnectionMode Client { get; init; }

    /// <summary>What is done towards the backend; null where there is no proxy.</summary>
    public ConnectionMode? Backend { get; init; }

    /// <summary>One of each round, the invalid ones included.</summary>
    public IReadOnlyList<BenchBlock> Blocks { get; init; } = [];

    /// <summary>Of the valid blocks together.</summary>
    public BenchFigures Figures { get; init; } = new();

    /// <summary>Latencies at the fixed rate, from the least percentile on.</summary>
    public IReadOnlyList<LatencyPoint> Latencies { get; init; } = [];
}
