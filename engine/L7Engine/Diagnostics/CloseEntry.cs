namespace L7Engine.Diagnostics;

/// <summary>The side of the engine that a connection is on.</summary>
internal enum ConnectionSide : byte
{
    Client,
    Backend,
}

/// <summary>Everything that is remembered of one close.</summary>
internal readonly record struct CloseEntry
{
    public required ConnectionSide Side { get; init; }

    public required CloseReason Reason { get; init; }

    /// <summary>Whether the peer's FIN or RST came before our close.</summary>
    public bool PeerClosedFirst { get; init; }

    /// <summary>Keepalive probes that nothing had answered; 0 too when nobody asked the system.</summary>
    public byte PeerProbes { get; init; }

    public ConnectionId Connection { get; init; }

    public PeerAddress Peer { get; init; }

    /// <summary>When, in milliseconds of the loop's monotonic clock.</summary>
    public long ClosedAtMilliseconds { get; init; }

    public long AgeMilliseconds { get; init; }

    /// <summary>Time since the last byte in either direction.</summary>
    public long IdleMilliseconds { get; init; }

    public int RequestCount { get; init; }

    /// <summary>What the system said; 0 when the close was not its doing.</summary>
    public int Errno { get; init; }

    public long BytesReceived { get; init; }

    public long BytesSent { get; init; }

    /// <summary>The setting that fired, as the configuration file names it; null when none did.</summary>
    /// <remarks>A constant: an entry must not cost a string.</remarks>
    public string? Setting { get; init; }

    /// <summary>Its value: milliseconds for a duration, else the count or the bytes.</summary>
    public long SettingValue { get; init; }
}
