namespace L7Engine.Transport;

/// <summary>What happens to a connection while nothing waits for it.</summary>
internal enum ConnectionEvent : byte
{
    /// <summary>Bytes can be received.</summary>
    Readable,

    /// <summary>The peer has sent FIN.</summary>
    PeerFinished,

    /// <summary>The connection is gone: reset, timed out or unreachable; its Error says which.</summary>
    Failed,

    /// <summary>Its read deadline has passed.</summary>
    Deadline,
}

/// <summary>
/// Told what happens to a connection while no read (for a failure: neither a read nor a write) waits for it.
/// </summary>
/// <remarks>
/// Runs on the loop's thread before any continuation of the same turn, so that a pooled connection whose peer has
/// closed is discarded before a request of that turn could take it.
/// </remarks>
internal interface IConnectionWatcher
{
    void OnConnectionEvent(TransportConnection connection, ConnectionEvent what);
}
