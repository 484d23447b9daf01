namespace L7Engine.Load.Bench;

/// <summary>What is known of one mode of one subject. A figure that was not or cannot be taken is null.</summary>
public sealed record BenchFigures
{
    /// <summary>Right responses a second, as many as could be had.</summary>
    public Estimate? RequestsPerSecond { get; init; }

    /// <summary>Connections of clients that were opened, a second.</summary>
    public Estimate? ConnectionsPerSecond { get; init; }

    /// <summary>Processor time of the subject's processes for each request, in microseconds.</summary>
    public Estimate? CpuMicroseconds { get; init; }

    /// <summary>How busy the subject's processes were, in processors: 1 is all of one. Where it is far from 1,
    /// others were the bottleneck.</summary>
    public Estimate? CpuShare { get; init; }

    /// <summary>Half of the requests took no longer, in microseconds, at the fixed rate.</summary>
    public Estimate? P50 { get; init; }

    /// <summary>9 of 10.</summary>
    public Estimate? P90 { get; init; }

    /// <summary>99 of 100.</summary>
    public Estimate? P99 { get; init; }

    /// <summary>999 of 1,000.</summary>
    public Estimate? P999 { get; init; }

    /// <summary>The longest.</summary>
    public Estimate? Max { get; init; }

    /// <summary>Connections of clients opened in a block.</summary>
    public Estimate? ClientConnections { get; init; }

    /// <summary>Connections to the backend opened in a block.</summary>
    public Estimate? BackendConnections { get; init; }

    /// <summary>The share of requests that went on a connection to the backend that had one before; 0 to 1.</summary>
    public Estimate? ReuseRate { get; init; }

    /// <summary>Sockets that went to TIME_WAIT in a block, on either side of the proxy.</summary>
    public Estimate? TimeWait { get; init; }

    /// <summary>Heap of the engine for each request, in bytes; only the engine tells.</summary>
    public Estimate? AllocatedBytes { get; init; }

    /// <summary>Memory of the subject's processes, in bytes.</summary>
    public Estimate? ResidentBytes { get; init; }
}
