namespace L7Engine.Load.Bench;

/// <summary>Where a run took place.</summary>
public sealed record BenchEnvironment
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>The name of the processor.</summary>
    public required string Processor { get; init; }

    /// <summary>Processors that the run may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The name and version of the kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>What the engine runs on.</summary>
    public required string Runtime { get; init; }

    /// <summary>Settings of the kernel and limits of the processes, as the system writes them.</summary>
    public IReadOnlyList<NamedText> Settings { get; init; } = [];

    /// <summary>Who runs on which processor.</summary>
    public IReadOnlyList<NamedText> Placement { get; init; } = [];

    /// <summary>What else a reader has to know: who closes first, what may disturb.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}
