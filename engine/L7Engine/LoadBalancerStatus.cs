namespace L7Engine;

/// <summary>What an operator sees: a picture of all loops, taken on request. It does not change afterwards.</summary>
/// <remarks>Each number is exact; two may be a moment apart, because no loop is stopped for the picture.</remarks>
public sealed record LoadBalancerStatus
{
    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Whether a drain has begun: nothing is accepted, and each response says close.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Requests whose head was read since the start, those the engine answered itself included.</summary>
    public long Requests { get; init; }

    /// <summary>Client connections accepted since the start.</summary>
    public long ClientConnectionsAccepted { get; init; }

    /// <summary>Client connections open, in whatever state.</summary>
    public int ClientConnectionsOpen { get; init; }

    /// <summary>
    /// Client connections that may be open: <see cref="Limits.MaxClientConnections"/>, set or derived.
    /// </summary>
    /// <value>0 before the start.</value>
    public int MaxClientConnections { get; init; }

    /// <summary>What all buffers may take, in bytes: <see cref="Limits.MaxBufferBytes"/>, set or derived.</summary>
    /// <value>0 before the start.</value>
    public long MaxBufferBytes { get; init; }

    /// <summary>
    /// The memory that these two imply, in bytes: as many idle client connections, and all buffers in use.
    /// </summary>
    /// <value>0 before the start. What the kernel holds for each socket comes on top.</value>
    public long ImpliedMemoryBytes { get; init; }

    /// <summary>Client connections between a response and the next request.</summary>
    public int ClientConnectionsIdle { get; init; }

    /// <summary>Requests being served: their head was read, and their response has not ended.</summary>
    public int RequestsInFlight { get; init; }

    /// <summary>How often a group had no backend that was up: then all of its backends get requests.</summary>
    public long FailOpens { get; init; }

    /// <summary>Requests that came after a drain had ended their idle connection: not answered, and not sent to any
    /// backend.</summary>
    public long RequestsCrossed { get; init; }

    /// <summary>How often <see cref="IBalancingPolicy"/> of the embedder failed, and round robin served in its place.
    /// </summary>
    public long PolicyFaults { get; init; }

    /// <summary>Requests that were not the first of their client connection.</summary>
    public long RequestsOnReusedClientConnections { get; init; }

    /// <summary>Attempts to connect to a backend that failed, whoever is to blame; none became a connection.</summary>
    public long BackendConnectsFailed { get; init; }

    /// <summary>Backend connections opened since the start.</summary>
    public long BackendConnectionsOpened { get; init; }

    /// <summary>Backend connections open, idle ones included.</summary>
    public int BackendConnectionsOpen { get; init; }

    /// <summary>Backend connections in the pools.</summary>
    public int BackendConnectionsIdle { get; init; }

    /// <summary>Requests that were not the first of their backend connection.</summary>
    public long RequestsOnReusedBackendConnections { get; init; }

    /// <summary>Connections that were switched to another protocol and are open.</summary>
    public int Tunnels { get; init; }

    /// <summary>Bytes received from clients, heads included.</summary>
    public long ClientBytesReceived { get; init; }

    /// <summary>Bytes sent to clients, heads included.</summary>
    public long ClientBytesSent { get; init; }

    /// <summary>Final responses sent to clients, by class; a class without any is left out.</summary>
    public IReadOnlyList<StatusCount> Responses { get; init; } = [];

    /// <summary>Those among them that the engine answered itself (400, 408, 502 and the like), by class.</summary>
    public IReadOnlyList<StatusCount> EngineResponses { get; init; } = [];

    /// <summary>Why client connections were closed; a reason that did not occur is left out.</summary>
    public IReadOnlyList<CloseCount> ClientCloses { get; init; } = [];

    /// <summary>Why backend connections were closed; a reason that did not occur is left out.</summary>
    public IReadOnlyList<CloseCount> BackendCloses { get; init; } = [];

    /// <summary>The backends, in the order of the configuration.</summary>
    public IReadOnlyList<BackendStatus> Backends { get; init; } = [];

    /// <summary>The groups, in the order of the configuration.</summary>
    public IReadOnlyList<GroupStatus> Groups { get; init; } = [];

    /// <summary>The names of backends that are resolved, and how that goes; ordered by group and name.</summary>
    public IReadOnlyList<NameStatus> Names { get; init; } = [];

    /// <summary>What other idle timeouts would do, by listener, in the order of the configuration.</summary>
    public IReadOnlyList<WhatIfCurve> WhatIf { get; init; } = [];
}
