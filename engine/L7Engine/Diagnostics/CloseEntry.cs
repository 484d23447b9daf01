namespace L7Engine.Diagnostics;

/// <summary>Everything that is remembered of one close. Made on the loop; costs no object.</summary>
internal readonly record struct CloseEntry
{
    public required ConnectionSide Side { get; init; }

    /// <summary>The reason, the setting that fired, and which rule was broken.</summary>
    public required CloseCause Cause { get; init; }

    public CloseParty ClosedFirst { get; init; }

    /// <summary>Keepalive probes that nothing had answered; 0 too when nobody asked the system.</summary>
    public byte PeerProbes { get; init; }

    public ConnectionId Connection { get; init; }

    /// <summary>The name of the listener that accepted it, or of the group whose backend it led to.</summary>
    public string? Place { get; init; }

    public PeerAddress Peer { get; init; }

    /// <summary>When, by the wall clock, in ticks of UTC.</summary>
    public long ClosedAtUtcTicks { get; init; }

    /// <summary>Since it was opened; of an attempt to connect that failed, how long it took.</summary>
    public long AgeMilliseconds { get; init; }

    /// <summary>Since the last byte in either direction, or since it was opened when there was none.</summary>
    public long IdleMilliseconds { get; init; }

    public int RequestCount { get; init; }

    /// <summary>What the system said; 0 when the close was not its doing.</summary>
    public int Errno { get; init; }

    public long BytesReceived { get; init; }

    public long BytesSent { get; init; }

    public CloseReason Reason => Cause.Reason;
}
