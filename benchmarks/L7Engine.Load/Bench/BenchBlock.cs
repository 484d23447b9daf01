namespace L7Engine.Load.Bench;

/// <summary>What one block gave.</summary>
public sealed record BenchBlock
{
    /// <summary>From 1 on. Blocks of one round follow each other at once and are compared as pairs.</summary>
    public required int Round { get; init; }

    /// <summary>Right responses a second.</summary>
    public double RequestsPerSecond { get; init; }

    /// <summary>Processor time of the subject for each request, in microseconds.</summary>
    public double CpuMicroseconds { get; init; }

    /// <summary>Why it does not count; null when it does.</summary>
    public string? Invalid { get; init; }

    /// <summary>True when it counts.</summary>
    public bool IsValid => Invalid is null;
}
