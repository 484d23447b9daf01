namespace L7Engine;

/// <summary>Why a connection was closed. It is set once, by whoever acts first.</summary>
/// <remarks>The first part is for client connections, the second for those to backends, the last for both.</remarks>
public enum CloseReason : byte
{
    /// <summary>The connection is open.</summary>
    None,

    /// <summary>Client: no further request within <see cref="KeepAliveOptions.IdleTimeout"/>.</summary>
    IdleTimeout,

    /// <summary>Client: it had its <see cref="KeepAliveOptions.MaxRequests"/>.</summary>
    RequestLimit,

    /// <summary>Client: it was past <see cref="KeepAliveOptions.MaxAge"/> when a response was sent.</summary>
    MaxAge,

    /// <summary>Client: persistence is off for its listener, or for the route of its request.</summary>
    PersistenceOff,

    /// <summary>Client: it had <see cref="ClientCapsOptions.Persistent"/> connections that persist.</summary>
    PersistentCap,

    /// <summary>Client: it had <see cref="ClientCapsOptions.Connections"/> when this one was accepted.</summary>
    ConnectionCap,

    /// <summary>Client: its request said close, or was HTTP/1.0 without keep-alive.</summary>
    ClientAskedClose,

    /// <summary>Client: it closed between requests, or before its first.</summary>
    ClientClosed,

    /// <summary>Client: it closed in the middle of a request head or body.</summary>
    ClientAborted,

    /// <summary>Client: the connection was reset, and not in answer to a keepalive probe.</summary>
    Reset,

    /// <summary>Client: no whole head in time (<see cref="Timeouts.RequestHead"/>, or its listener's own).</summary>
    HeadTimeout,

    /// <summary>Client: a gap in a request body (<see cref="Timeouts.RequestBodyGap"/>, or its listener's).</summary>
    BodyTimeout,

    /// <summary>Client: it took no byte of a response for <see cref="Timeouts.ResponseSendGap"/>, or its listener's.
    /// </summary>
    SendTimeout,

    /// <summary>Client: it sent a request body, or took a response, more slowly than its listener's
    /// <see cref="SlowClientOptions.MinimumRateBytes"/>.</summary>
    MinimumRate,

    /// <summary>Client: no backend had a place for its request within <see cref="QueueOptions.Timeout"/>.</summary>
    QueueTimeout,

    /// <summary>Client: a request broke the protocol or a limit of <see cref="Limits"/>.</summary>
    ProtocolError,

    /// <summary>Client: the response ended before the request body, and the rest was not worth reading.</summary>
    RequestBodyUnread,

    /// <summary>
    /// Client: <see cref="Limits.MaxClientConnections"/> was near, and of the clients it had the most connections that
    /// carried no exchange.
    /// </summary>
    FairEviction,

    /// <summary>Client: the backend's response was cut short, which it must be able to see.</summary>
    BackendTruncated,

    /// <summary>Backend: it closed while its connection was idle.</summary>
    BackendClosedIdle,

    /// <summary>Backend: a reused connection turned out closed when the next request was sent.</summary>
    BackendStale,

    /// <summary>Backend: it sent bytes while its connection was idle.</summary>
    BackendSentUnasked,

    /// <summary>Backend: its response said close, or was HTTP/1.0 without keep-alive.</summary>
    BackendAskedClose,

    /// <summary>Backend: the connection was refused, or it could not be reached.</summary>
    BackendConnectFailed,

    /// <summary>Backend: not connected within <see cref="Timeouts.BackendConnect"/>.</summary>
    BackendConnectTimeout,

    /// <summary>Backend: it took no byte of a request for <see cref="Timeouts.BackendSendGap"/>.</summary>
    BackendSendTimeout,

    /// <summary>Backend: no response head within <see cref="Timeouts.BackendResponse"/>.</summary>
    BackendResponseTimeout,

    /// <summary>Backend: a gap in a response body of <see cref="Timeouts.BackendBodyGap"/>.</summary>
    BackendBodyTimeout,

    /// <summary>Backend: it closed or reset a connection during an exchange.</summary>
    BackendReset,

    /// <summary>Backend: its response broke the protocol or a limit of <see cref="Limits"/>.</summary>
    BackendProtocolError,

    /// <summary>Backend: idle for <see cref="PoolOptions.IdleTimeout"/>.</summary>
    PoolIdleTimeout,

    /// <summary>Backend: idle for so long that the backend would soon have closed it itself, by what was learned of it
    /// (<see cref="PoolOptions.LearnIdleTimeout"/>).</summary>
    PoolIdleDeadline,

    /// <summary>Backend: the pool held <see cref="PoolOptions.MaxIdle"/> connections.</summary>
    PoolFull,

    /// <summary>Backend: it was past <see cref="PoolOptions.MaxAge"/>.</summary>
    PoolMaxAge,

    /// <summary>Backend: it had carried <see cref="PoolOptions.MaxRequests"/>.</summary>
    PoolRequestLimit,

    /// <summary>Backend: its loop did not need it for 10 s, and keeps another one.</summary>
    PoolTrimmed,

    /// <summary>Backend: its group keeps no connections (<see cref="PoolOptions.Enabled"/>).</summary>
    PoolOff,

    /// <summary>Backend: the exchange failed, or its client went, so the stream is of no further use.</summary>
    ExchangeAborted,

    /// <summary>Backend: no local port was free to connect from.</summary>
    LocalPorts,

    /// <summary>Backend: no descriptor or memory was free to connect with; or it was idle while none was free to accept
    /// a client with.</summary>
    LocalDescriptors,

    /// <summary>Both: the response was delimited by the close.</summary>
    UntilCloseEnd,

    /// <summary>
    /// Both: it answered nothing until the kernel gave up (ETIMEDOUT). Its host is gone or cannot be reached: TCP
    /// cannot tell which.
    /// </summary>
    Vanished,

    /// <summary>
    /// Both: a keepalive probe was answered with a reset, as by a host that was restarted and has forgotten the
    /// connection. A firewall on the way that has forgotten it looks the same.
    /// </summary>
    Restarted,

    /// <summary>
    /// Both: a router said that there is no way to it, and bytes stayed unacknowledged until the kernel gave up
    /// (EHOSTUNREACH, ENETUNREACH). Without such bytes that is <see cref="Vanished"/>.
    /// </summary>
    Unreachable,

    /// <summary>Both: one side of a tunnel closed.</summary>
    TunnelClosed,

    /// <summary>Both: a tunnel was silent for <see cref="Timeouts.TunnelIdle"/>.</summary>
    TunnelIdle,

    /// <summary>Backend: <see cref="Limits.MaxTunnels"/> were open when the backend agreed to switch.</summary>
    TunnelLimit,

    /// <summary>Both: it was idle, or its exchange ended, during a drain.</summary>
    Drain,

    /// <summary>Both: the drain's deadline came in the middle of an exchange or a tunnel.</summary>
    DrainDeadline,

    /// <summary>Both: the engine was disposed.</summary>
    Stopped,

    /// <summary>Both: a bug in the engine, logged with its stack; it cost this connection only.</summary>
    EngineFault,
}
