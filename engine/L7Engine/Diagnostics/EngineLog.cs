using System.Net;
using Microsoft.Extensions.Logging;

namespace L7Engine.Diagnostics;

/// <summary>Every line the engine logs.</summary>
/// <remarks>
/// Ids: 1xx listeners, 2xx clients, 3xx exchanges, 4xx backends, 5xx configuration, 6xx the engine itself; 9xx are left
/// to the program around it. An id is never given to another event. Nothing that a client can cause with each request
/// is logged at Information or above.
/// </remarks>
internal static partial class EngineLog
{
    [LoggerMessage(101, LogLevel.Information, "Listening on {Address} ({Listener}).")]
    public static partial void ListenerStarted(ILogger logger, string listener, IPEndPoint address);

    [LoggerMessage(102, LogLevel.Information, "Stopped listening on {Address} ({Listener}).")]
    public static partial void ListenerStopped(ILogger logger, string listener, IPEndPoint address);

    [LoggerMessage(103, LogLevel.Warning, "Accepting on {Address} paused: errno {Errno}. Clients wait in the backlog.")]
    public static partial void AcceptPaused(ILogger logger, IPEndPoint address, int errno);

    [LoggerMessage(104, LogLevel.Information, "Accepting on {Address} resumed.")]
    public static partial void AcceptResumed(ILogger logger, IPEndPoint address);

    [LoggerMessage(105, LogLevel.Critical,
        "A bug in the engine ended the accepting of one loop on {Address} ({Listener}); it stopped listening there.")]
    public static partial void AcceptingFaulted(
        ILogger logger, Exception fault, IPEndPoint address, string listener);

    [LoggerMessage(301, LogLevel.Debug, "An exchange of client {Peer} failed: {Fault}.")]
    public static partial void ExchangeFailed(ILogger logger, PeerAddress peer, string fault);

    /// <remarks>The caller sees to it that a backend that is down does not fill the log.</remarks>
    [LoggerMessage(401, LogLevel.Warning,
        "Backend {Address} of group {Group} cannot be connected to: {Error}. {Count} attempts failed since last told.")]
    public static partial void BackendConnectFailed(
        ILogger logger, IPEndPoint address, string group, string error, long count);

    /// <remarks>As above; so is the next one.</remarks>
    [LoggerMessage(402, LogLevel.Warning,
        "No local port is free to connect to backend {Address} of group {Group}: widen net.ipv4.ip_local_port_range, " +
        "or keep more connections in its pool. {Count} attempts failed since last told; clients got 503.")]
    public static partial void NoLocalPort(ILogger logger, IPEndPoint address, string group, long count);

    [LoggerMessage(403, LogLevel.Warning,
        "No descriptor or memory is free to connect to backend {Address} of group {Group} ({Error}): raise the limit " +
        "of descriptors (ulimit -n). {Count} attempts failed since last told; clients got 503.")]
    public static partial void NoLocalDescriptor(
        ILogger logger, IPEndPoint address, string group, string error, long count);

    [LoggerMessage(421, LogLevel.Information, "Name {Name} of group {Group} was resolved; addresses: {Count}.")]
    public static partial void NameResolved(ILogger logger, string name, string group, int count);

    /// <remarks>Only after a resolution that did not fail, or the first.</remarks>
    [LoggerMessage(422, LogLevel.Warning,
        "Name {Name} of group {Group} cannot be resolved: {Error}. Addresses kept from before: {Count}.")]
    public static partial void NameNotResolved(ILogger logger, string name, string group, string error, int count);

    [LoggerMessage(423, LogLevel.Warning,
        "Name {Name} of group {Group} has the address {Address}, where we listen ourselves: it gets no requests.")]
    public static partial void OwnAddressLeftOut(ILogger logger, string name, string group, IPEndPoint address);

    [LoggerMessage(424, LogLevel.Information,
        "The addresses of names have changed: backends {Kept} kept, {Added} added, {Removed} removed.")]
    public static partial void NamesApplied(ILogger logger, int kept, int added, int removed);
    [LoggerMessage(410, LogLevel.Information, "Backend {Address} of group {Group} is up: {Cause}.")]
    public static partial void BackendUp(ILogger logger, IPEndPoint address, string group, string cause);

    [LoggerMessage(411, LogLevel.Warning,
        "Backend {Address} of group {Group} is down: its checks failed, the last one with {Check} (status {Status}).")]
    public static partial void BackendDown(
        ILogger logger, IPEndPoint address, string group, string check, int status);

    [LoggerMessage(412, LogLevel.Warning,
        "Backend {Address} of group {Group} is ejected for {Milliseconds} ms: {Cause}, the last failure {Failure}.")]
    public static partial void BackendEjected(
        ILogger logger, IPEndPoint address, string group, long milliseconds, string cause, string failure);

    [LoggerMessage(413, LogLevel.Information,
        "Backend {Address} of group {Group} is on trial: its next request decides.")]
    public static partial void BackendOnTrial(ILogger logger, IPEndPoint address, string group);

    [LoggerMessage(414, LogLevel.Information,
        "Backend {Address} of group {Group} is drained: it gets no new requests until it is resumed.")]
    public static partial void BackendDrained(ILogger logger, IPEndPoint address, string group);

    [LoggerMessage(415, LogLevel.Information, "Backend {Address} of group {Group} is resumed.")]
    public static partial void BackendResumed(ILogger logger, IPEndPoint address, string group);

    [LoggerMessage(416, LogLevel.Error,
        "No backend of group {Group} is up: all of them get requests until one is.")]
    public static partial void GroupFailsOpen(ILogger logger, string group);

    [LoggerMessage(417, LogLevel.Information, "Group {Group} has a backend that is up again.")]
    public static partial void GroupRecovered(ILogger logger, string group);

    [LoggerMessage(501, LogLevel.Error, "Configuration not applied; the one in force stays: {Errors}")]
    public static partial void ConfigurationRejected(ILogger logger, string errors);

    [LoggerMessage(502, LogLevel.Information,
        "Configuration applied: listeners {ListenersKept} kept, {ListenersOpened} opened, {ListenersClosed} closed; " +
        "backends {BackendsKept} kept, {BackendsAdded} added, {BackendsRemoved} removed.")]
    public static partial void ConfigurationApplied(
        ILogger logger, int listenersKept, int listenersOpened, int listenersClosed, int backendsKept,
        int backendsAdded, int backendsRemoved);

    [LoggerMessage(601, LogLevel.Information, "Draining {Count} client connections for at most {Deadline}.")]
    public static partial void DrainStarted(ILogger logger, int count, TimeSpan deadline);

    [LoggerMessage(602, LogLevel.Information,
        "Drained: {ClosedInTime} closed in time, {CutAtDeadline} cut off, {TunnelsCut} of them tunnels.")]
    public static partial void DrainFinished(ILogger logger, int closedInTime, int cutAtDeadline, int tunnelsCut);

    [LoggerMessage(603, LogLevel.Warning, "Loop {Loop} stalled: one turn took {Milliseconds} ms.")]
    public static partial void LoopStalled(ILogger logger, int loop, long milliseconds);

    [LoggerMessage(604, LogLevel.Error, "A bug in the engine cost client {Connection} its connection.")]
    public static partial void ConnectionFaulted(ILogger logger, Exception fault, ConnectionId connection);

    [LoggerMessage(606, LogLevel.Information,
        "At most {Connections} client connections and {BufferMiB} MiB of buffers: up to {MemoryMiB} MiB of memory.")]
    public static partial void CapacityTold(ILogger logger, int connections, long bufferMiB, long memoryMiB);

    /// <remarks>The caller sees to it that a crowd of clients does not fill the log.</remarks>
    [LoggerMessage(607, LogLevel.Warning,
        "{Taken} of at most {Maximum} client connections are open: those without an exchange are closed, fairly.")]
    public static partial void PlacesShort(ILogger logger, int taken, int maximum);

    /// <remarks>The caller sees to it that a policy that always fails does not fill the log.</remarks>
    [LoggerMessage(611, LogLevel.Error,
        "The policy of group {Group} failed, and round robin serves in its place: {Count} times since last told.")]
    public static partial void PolicyFaulted(ILogger logger, Exception fault, string group, long count);
}
