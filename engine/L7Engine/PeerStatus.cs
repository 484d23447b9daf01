namespace L7Engine;

/// <summary>What TCP knows of the host at the other end of a connection.</summary>
/// <remarks>
/// The kernel hears of a silent peer by keepalive probes alone (<see cref="TcpKeepAliveOptions"/>), and is asked only
/// when somebody wants to know. What it cannot tell apart is not told apart here.
/// </remarks>
public enum PeerStatus : byte
{
    /// <summary>
    /// Nothing can be said: the system does not tell, what was sent is not acknowledged and is being sent again, or the
    /// connection ended in a way that says nothing of the host.
    /// </summary>
    Unknown,

    /// <summary>
    /// Nothing is against it: whatever was sent is acknowledged, and so is the last probe. A host that went after that
    /// is only missed when the next probe is due.
    /// </summary>
    Alive,

    /// <summary>Probes were sent that nothing has answered yet.</summary>
    Probing,

    /// <summary>
    /// It answered nothing until the kernel gave up. Its host is gone, or the way to it is cut: of a silent connection
    /// TCP cannot tell which.
    /// </summary>
    Vanished,

    /// <summary>
    /// A probe was answered with a reset: its host is there, but knows nothing of the connection. A firewall on the way
    /// that has forgotten the connection looks the same.
    /// </summary>
    Restarted,

    /// <summary>A router said that there is no way to it, and bytes stayed unacknowledged until the kernel gave up.
    /// </summary>
    Unreachable,
}
