namespace L7Engine.Load.Bench;

/// <summary>All that came of a run: what was measured, where, and how far it can be believed.</summary>
public sealed record BenchReport
{
    /// <summary>Where it was measured.</summary>
    public required BenchEnvironment Environment { get; init; }

    /// <summary>What was measured.</summary>
    public required BenchPlan Plan { get; init; }

    /// <summary>Who was measured: the engine, its peers, and none at all.</summary>
    public required IReadOnlyList<Subject> Subjects { get; init; }

    /// <summary>What was asked: which of two is greater, and by how much.</summary>
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];
}
