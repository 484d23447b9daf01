namespace L7Engine.Load.Bench;

/// <summary>What a run measures, and what became of the plan.</summary>
public sealed record BenchPlan
{
    /// <summary>True for many blocks, false for a quick look.</summary>
    public bool IsFull { get; init; }

    /// <summary>Blocks of each mode, one in each round.</summary>
    public required int Blocks { get; init; }

    /// <summary>The time that counts in each block.</summary>
    public required TimeSpan BlockTime { get; init; }

    /// <summary>Connections of the clients that are open at a time.</summary>
    public required int Connections { get; init; }

    /// <summary>Size of each response's body in bytes.</summary>
    public required int BodyBytes { get; init; }

    /// <summary>Requests a second at which latencies are taken; 0 takes none.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>True when it was ended before its time: only finished blocks are in the figures.</summary>
    public bool WasInterrupted { get; init; }

    /// <summary>What ended it before its time, such as a process that was killed; null when nothing did.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Peers that were to be measured and are not installed.</summary>
    public IReadOnlyList<string> MissingPeers { get; init; } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }
}
