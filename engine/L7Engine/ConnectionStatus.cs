using System.Net;

namespace L7Engine;

/// <summary>One open connection, on either side, as it was when its loop was asked.</summary>
/// <remarks>Holds no byte that a peer has sent.</remarks>
public sealed record ConnectionStatus
{
    /// <summary>Whether it is a client's connection or one to a backend.</summary>
    public required ConnectionSide Side { get; init; }

    /// <summary>Names the connection for good, within this engine; its close has the same name.</summary>
    public required string Connection { get; init; }

    /// <summary>The name of the listener that accepted it, or of the group whose backend it leads to.</summary>
    public required string Place { get; init; }

    /// <summary>The client, or the backend.</summary>
    public required IPEndPoint Peer { get; init; }

    /// <summary>What it is doing.</summary>
    public required ConnectionState State { get; init; }

    /// <summary>Since it was opened.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Since the last byte in either direction, or since it was opened when there was none.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>Requests it carried, the one included that it carries.</summary>
    public int RequestCount { get; init; }

    /// <summary>Bytes that the peer sent and we read.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that the system took from us for the peer.</summary>
    public long BytesSent { get; init; }

    /// <summary>What TCP knows of the peer's host.</summary>
    public PeerStatus PeerStatus { get; init; }

    /// <summary>Keepalive probes that nothing has answered.</summary>
    public int PeerProbes { get; init; }

    /// <summary>
    /// The setting that ends it, or the exchange it carries, if nothing happens until then; null when none does.
    /// </summary>
    /// <remarks>Of an exchange the earliest, whichever side is waited for.</remarks>
    public SettingValue? Deadline { get; init; }

    /// <summary>How long that is away; null without a deadline.</summary>
    public TimeSpan? TimeLeft { get; init; }
}
