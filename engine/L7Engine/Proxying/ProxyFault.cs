namespace L7Engine.Proxying;

/// <summary>Why an exchange failed on its way to the backend or back.</summary>
internal enum ProxyFault : byte
{
    None,

    /// <summary>The request broke a rule of HTTP; its own fault says which.</summary>
    BadRequest,
    NoRoute,
    NoBackend,
    ConnectFailed,
    ConnectTimedOut,

    /// <summary>All backends are full, and the queue is, too, or lets none wait.</summary>
    QueueFull,

    /// <summary>No backend had a place in time.</summary>
    QueueTimedOut,

    /// <summary>The client finished sending while its request waited for a place.</summary>
    QueueLeft,

    /// <summary>This machine has no port, descriptor or buffer left: the backend is not to blame.</summary>
    LocalCause,
    SendTimedOut,
    ClosedBeforeResponse,
    ResponseTimedOut,
    BadResponse,

    /// <summary>Nobody is left to answer: the client went, takes no bytes, or was given up.</summary>
    ClientGone,

    /// <summary>The client began a request head and did not end it in time.</summary>
    HeadTimedOut,

    /// <summary>The client stopped in the middle of its request body.</summary>
    BodyTimedOut,

    /// <summary>The client sent its request body more slowly than the minimum rate.</summary>
    BodyTooSlow,
    BodyCutShort,
    TooManyTunnels,

    /// <summary>The client has as many connections as it may, and this is one more.</summary>
    TooManyConnections,

    /// <summary>The backend closed or reset in the middle of a response body.</summary>
    ResponseCutShort,

    /// <summary>The backend stopped in the middle of a response body.</summary>
    ResponseStopped,
}

internal static class ProxyFaults
{
    extension(ProxyFault fault)
    {
        /// <summary>The status to answer with, or 0 when nobody is left to answer.</summary>
        /// <remarks>
        /// Source: RFC 9110 sections 15.5.9 (408), 15.6.3 (502), 15.6.4 (503), 15.6.5 (504); RFC 6585 section 4 (429).
        /// </remarks>
        public int StatusCode => fault switch
        {
            ProxyFault.None or ProxyFault.ClientGone => 0,
            ProxyFault.NoRoute => 404,
            ProxyFault.BadRequest or ProxyFault.BodyCutShort => 400,
            ProxyFault.HeadTimedOut or ProxyFault.BodyTimedOut or ProxyFault.BodyTooSlow => 408,
            ProxyFault.TooManyConnections => 429,
            ProxyFault.NoBackend or ProxyFault.LocalCause or ProxyFault.TooManyTunnels => 503,
            ProxyFault.QueueFull or ProxyFault.QueueTimedOut or ProxyFault.QueueLeft => 503,
            ProxyFault.ConnectTimedOut or ProxyFault.SendTimedOut or ProxyFault.ResponseTimedOut => 504,
            _ => 502,
        };

        /// <summary>
        /// True when the client's own framing is in doubt, or it is too slow, or one too many, or there is too much
        /// to do: its connection closes.
        /// </summary>
        public bool ClosesClient => fault is ProxyFault.HeadTimedOut or ProxyFault.BodyTimedOut
            or ProxyFault.BodyTooSlow or ProxyFault.BodyCutShort or ProxyFault.TooManyConnections
            or ProxyFault.QueueTimedOut or ProxyFault.QueueLeft;

        /// <summary>What the ledger says of the client's connection when it closes for this.</summary>
        public CloseReason ClientReason => fault switch
        {
            ProxyFault.HeadTimedOut => CloseReason.HeadTimeout,
            ProxyFault.BodyTimedOut => CloseReason.BodyTimeout,
            ProxyFault.BodyTooSlow => CloseReason.MinimumRate,
            ProxyFault.ClientGone or ProxyFault.BodyCutShort or ProxyFault.QueueLeft => CloseReason.ClientAborted,
            ProxyFault.QueueTimedOut => CloseReason.QueueTimeout,
            ProxyFault.BadRequest => CloseReason.ProtocolError,
            ProxyFault.TooManyConnections => CloseReason.ConnectionCap,
            _ => CloseReason.BackendTruncated,
        };

        /// <summary>What the backend has done, as far as it is the backend's doing.</summary>
        public RequestFailure RequestFailure => fault switch
        {
            ProxyFault.ConnectFailed => RequestFailure.ConnectFailed,
            ProxyFault.ConnectTimedOut => RequestFailure.ConnectTimedOut,
            ProxyFault.ClosedBeforeResponse => RequestFailure.Closed,
            ProxyFault.SendTimedOut => RequestFailure.SendTimedOut,
            ProxyFault.ResponseTimedOut => RequestFailure.ResponseTimedOut,
            ProxyFault.BadResponse => RequestFailure.Malformed,
            _ => RequestFailure.None,
        };

        /// <summary>What the ledger says of the backend's connection.</summary>
        public CloseReason BackendReason => fault switch
        {
            ProxyFault.SendTimedOut => CloseReason.BackendSendTimeout,
            ProxyFault.ClosedBeforeResponse or ProxyFault.ResponseCutShort => CloseReason.BackendReset,
            ProxyFault.ResponseTimedOut => CloseReason.BackendResponseTimeout,
            ProxyFault.ResponseStopped => CloseReason.BackendBodyTimeout,
            ProxyFault.BadResponse => CloseReason.BackendProtocolError,
            ProxyFault.TooManyTunnels => CloseReason.TunnelLimit,
            _ => CloseReason.ExchangeAborted,
        };
    }
}
