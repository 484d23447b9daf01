namespace L7Engine.Diagnostics;

/// <summary>What a loop counts. Those that end in Open, Idle or Waiting go up and down, the others only up.</summary>
internal enum LoopCounter
{
    Requests,
    RequestsOnReusedClients,
    RequestsOnReusedBackends,

    ClientsAccepted,
    ClientsOpen,
    ClientsIdle,
    BackendsOpened,
    BackendsFailed,
    BackendsOpen,
    BackendsIdle,
    TunnelsOpen,

    // Requests that met the end of a connection that had been idle; those for which an idle one was not safe enough.
    BackendsStale,
    ReusesRefused,

    // Tunnels included.
    ExchangesOpen,

    // For a place at a backend, in the queue of a group.
    RequestsWaiting,
    RequestsQueued,
    QueueTimeouts,
    QueueRefusals,

    // Came after the end of an idle connection, and were not answered.
    RequestsCrossed,

    ClientBytesReceived,
    ClientBytesSent,
    BackendBytesReceived,
    BackendBytesSent,

    // Final responses to clients, in the order of the first digit; of 1xx only 101 is final.
    Responses1xx,
    Responses2xx,
    Responses3xx,
    Responses4xx,
    Responses5xx,

    // Those among them that the engine made itself.
    EngineResponses1xx,
    EngineResponses2xx,
    EngineResponses3xx,
    EngineResponses4xx,
    EngineResponses5xx,

    // The same request sent again, by what failed before; the last of them was not, for want of budget.
    RetriesAfterConnect,
    RetriesUnsent,
    RetriesOnStale,
    RetriesOnFresh,
    RetriesOnTimeout,
    RetriesOnMalformed,
    RetriesRefused,

    AcceptPauses,
    Stalls,
    EngineFaults,
    PolicyFaults,
}
