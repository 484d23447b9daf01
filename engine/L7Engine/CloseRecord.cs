using System.Net;

namespace L7Engine;

/// <summary>One close, on either side: what ended a connection, and what the connection had been.</summary>
/// <remarks>
/// An attempt to connect to a backend that failed is one, too, though no connection was ever open: it has no bytes and
/// no requests, and its age is the time it took. Holds no byte that a peer has sent.
/// </remarks>
public sealed record CloseRecord
{
    /// <summary>When, by the wall clock.</summary>
    public required DateTimeOffset ClosedAt { get; init; }

    /// <summary>Whether it was a client's connection or one to a backend.</summary>
    public required ConnectionSide Side { get; init; }

    /// <summary>The first cause. What happened after it, such as how long the client still sent, is none.</summary>
    public required CloseReason Reason { get; init; }

    /// <summary>The setting that fired, with the value that was in force; null when none did.</summary>
    public SettingValue? Setting { get; init; }

    /// <summary>Which rule a message broke, in fixed words; null for reasons that say all.</summary>
    public string? Detail { get; init; }

    /// <summary>Whose end came first.</summary>
    public CloseParty ClosedFirst { get; init; }

    /// <summary>Names the connection for good, within this engine.</summary>
    public required string Connection { get; init; }

    /// <summary>The name of the listener that accepted it, or of the group whose backend it led to.</summary>
    public required string Place { get; init; }

    /// <summary>Keepalive probes that nothing had answered; 0 too when the system was not asked.</summary>
    public int PeerProbes { get; init; }

    /// <summary>The client, or the backend.</summary>
    public required IPEndPoint Peer { get; init; }

    /// <summary>Since it was opened.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Since the last byte in either direction, or since it was opened when there was none.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>Requests it carried.</summary>
    public int RequestCount { get; init; }

    /// <summary>Bytes that the peer sent and we read.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that the system took from us for the peer.</summary>
    public long BytesSent { get; init; }

    /// <summary>The error number of Linux that the system ended it with; 0 when the end was not its doing.</summary>
    public int Errno { get; init; }
}
