namespace L7Engine.Load.Bench;

/// <summary>One that was measured: a proxy, or the backend without any.</summary>
public sealed record Subject
{
    /// <summary>The name of the backend without a proxy.</summary>
    public const string Direct = "direct";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it says it is.</summary>
    public string Version { get; init; } = "";

    /// <summary>How it was started and configured, word for word.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>What was measured of it, by mode.</summary>
    public required IReadOnlyList<Quadrant> Quadrants { get; init; }

    /// <summary>Requests a second by the number of the clients' connections.</summary>
    public IReadOnlyList<SeriesPoint> ThroughputOverConnections { get; init; } = [];

    /// <summary>What closing costs a request, in microseconds of time between two responses, by the size of the body in
    /// bytes.</summary>
    public IReadOnlyList<SeriesPoint> ConnectionCostOverBody { get; init; } = [];
}
