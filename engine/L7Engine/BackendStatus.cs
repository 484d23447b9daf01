using System.Net;

namespace L7Engine;

/// <summary>What one backend did and holds, over all loops.</summary>
public sealed record BackendStatus
{
    /// <summary>The group it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>Its address.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>The name that its address was resolved from; null when the address itself was configured.</summary>
    public string? Name { get; init; }

    /// <summary>Its weight; 0 gets no new requests.</summary>
    public int Weight { get; init; }

    /// <summary>Whether the configuration in force has it no more; it is listed until its last connection is closed.
    /// </summary>
    public bool IsRemoved { get; init; }

    /// <summary>Requests sent to it since the start, repeated ones included.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that it was picked for and whose response has not ended.</summary>
    public int RequestsInFlight { get; init; }

    /// <summary>Requests that went out on a connection which had carried one before.</summary>
    public long RequestsOnReusedConnections { get; init; }

    /// <summary>When it closes idle connections, as learned or announced by it; null while that is not known.</summary>
    public TimeSpan? LearnedIdleTimeout { get; init; }

    /// <summary>Idle connections closed because it would have closed them soon.</summary>
    public long IdleConnectionsClosedFirst { get; init; }

    /// <summary>Requests that can be sent only once, and got a fresh connection though one was idle.</summary>
    public long ReusesRefused { get; init; }

    /// <summary>Requests that met the end of a connection which it had closed while that was idle.</summary>
    public long StaleReuses { get; init; }

    /// <summary>Connections opened to it since the start.</summary>
    public long ConnectionsOpened { get; init; }

    /// <summary>Connections open, idle ones included.</summary>
    public int ConnectionsOpen { get; init; }

    /// <summary>Connections that wait for their next request.</summary>
    public int ConnectionsIdle { get; init; }

    /// <summary>Attempts to connect that failed or timed out.</summary>
    public long ConnectFailures { get; init; }

    /// <summary>Requests that went on to another backend because this one could not be connected to.</summary>
    public long RetriesAfterConnect { get; init; }

    /// <summary>Requests sent again because a connection to this backend took no byte of them.</summary>
    public long RetriesUnsent { get; init; }

    /// <summary>Requests sent again because a reused connection ended before a byte of the response.</summary>
    public long RetriesOnStale { get; init; }

    /// <summary>Requests sent to another backend because a fresh connection to this one ended before a byte of the
    /// response.</summary>
    public long RetriesOnFresh { get; init; }

    /// <summary>Requests sent to another backend because this one did not begin to answer in time.</summary>
    public long RetriesOnTimeout { get; init; }

    /// <summary>Requests sent to another backend because what this one sent was no response.</summary>
    public long RetriesOnMalformed { get; init; }

    /// <summary>Requests not sent to another backend because the <see cref="RetryOptions">budget</see> was spent.
    /// </summary>
    public long RetriesRefused { get; init; }

    /// <summary>Whether it is thought to be well.</summary>
    public BackendHealth Health { get; init; }

    /// <summary>What has brought it into that state.</summary>
    public HealthCause HealthCause { get; init; }

    /// <summary>How long it has been so.</summary>
    public TimeSpan HealthAge { get; init; }

    /// <summary>Whether it was drained, and not resumed since.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Whether it gets new requests. Where no backend of a group is up, all of them do: it fails open.
    /// </summary>
    public bool GetsRequests { get; init; }

    /// <summary>The part of its weight that counts: below 1 while it starts slowly.</summary>
    public double WeightShare { get; init; } = 1;

    /// <summary>Requests that failed, and it was to blame, since the start.</summary>
    public long Failures { get; init; }

    /// <summary>Those since the last one that it answered.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>How the last of them failed.</summary>
    public RequestFailure LastFailure { get; init; }

    /// <summary>How often it was ejected.</summary>
    public long Ejections { get; init; }

    /// <summary>Checks that passed.</summary>
    public long ChecksPassed { get; init; }

    /// <summary>Checks that failed.</summary>
    public long ChecksFailed { get; init; }

    /// <summary>How the last check ended.</summary>
    public CheckResult LastCheck { get; init; }

    /// <summary>The status that it was answered with; 0 for none.</summary>
    public int LastCheckStatus { get; init; }
}
