namespace L7Engine.Load.Bench;

/// <summary>What one block gave.</summary>
public sealed record BenchBlock
{
    /// <summary>From 1 on. Blocks of one round follow each other at once and are compared as pairs.</summary>
    public required int Round { get; init; }

    /// <summary>Right responses a second.</summary>
    public double RequestsPerSecond { get; init; }

    /// <summary>Good responses of the closed loop, those of its warm-up included.</summary>
    public long Requests { get; init; }

    /// <summary>Client connections that were opened for them.</summary>
    public long ClientConnections { get; init; }

    /// <summary>Connections to the backend that were opened for them; null when nobody counted.</summary>
    public long? BackendConnections { get; init; }

    /// <summary>The share of requests that went on a connection to the backend that had one before; 0 to 1.</summary>
    public double? ReuseRate { get; init; }

    /// <summary>Connections of clients that were opened, a second.</summary>
    public double ConnectionsPerSecond { get; init; }

    /// <summary>Processor time of the subject for each request, in microseconds; null without a subject whose time is
    /// known.</summary>
    public double? CpuMicroseconds { get; init; }

    /// <summary>How busy the subject was, in processors: 1 is all of one. Null where its time is not known.</summary>
    public double? CpuShare => CpuMicroseconds * RequestsPerSecond / 1e6;

    /// <summary>Heap of the engine for each request, in bytes; only the engine tells.</summary>
    public double? AllocatedBytes { get; init; }

    /// <summary>Memory of the subject's processes after the block, in bytes.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>Sockets that entered TIME_WAIT; null where the kernel does not tell.</summary>
    public long? TimeWait { get; init; }

    /// <summary>Requests at the fixed rate whose latency was taken.</summary>
    public long LatencyRequests { get; init; }

    /// <summary>Half of those took no longer, in microseconds; 0 when none was taken.</summary>
    public double P50 { get; init; }

    /// <summary>99 of 100.</summary>
    public double P99 { get; init; }

    /// <summary>The longest.</summary>
    public double Max { get; init; }

    /// <summary>Why it does not count; null when it does.</summary>
    public string? Invalid { get; init; }

    /// <summary>True when it counts.</summary>
    public bool IsValid => Invalid is null;
}
