namespace L7Engine.Transport;

/// <summary>What is to be said of a peer: the status, and what stands behind it.</summary>
/// <param name="Status">Unknown when nothing can be said.</param>
/// <param name="Probes">Probes that nothing has answered.</param>
internal readonly record struct PeerReport(PeerStatus Status, int Probes)
{
    // The shortest silence before a probe that can be configured.
    private const long LeastTimeMilliseconds = 1000;

    // How much later than planned the answer to a probe may come, where the system does not say that one is out.
    private const long SlackMilliseconds = 1000;

    /// <summary>Of an open connection, or of one that has failed and is not closed yet. Asks the system.</summary>
    public static PeerReport Of(TransportConnection connection)
    {
        PeerSigns signs = connection.ReadPeerSigns();
        return new PeerReport(StatusOf(connection.Error, signs, connection.IdleMilliseconds), signs.Probes);
    }

    /// <summary>Of a connection that is about to be closed. Asks the system only where its answer may matter.</summary>
    /// <inheritdoc cref="Of"/>
    public static PeerReport OfEnd(TransportConnection connection)
    {
        // A flood of resets costs nothing: none of them answers a probe.
        bool mayMatter = connection.Error is not (0 or ErrorNumber.BrokenPipe)
            && (connection.Error != ErrorNumber.ConnectionReset
                || connection.IdleMilliseconds >= LeastTimeMilliseconds);
        return mayMatter ? Of(connection) : default;
    }

    /// <summary>Decides what the errno and the signs of a connection say of its peer.</summary>
    /// <param name="error">What the connection failed with; 0 while it is open.</param>
    /// <param name="idleMilliseconds">Since the last byte in either direction.</param>
    /// <remarks>
    /// Source: RFC 9293 section 3.8.4, and what Linux was seen to do. A host that is gone and one that cannot be
    /// reached both end an idle connection with ETIMEDOUT, even when a router answers the probes: only for bytes that
    /// were sent is its message believed. A reset is the answer to a probe when one was out; where the system does not
    /// say, when it comes just after one was due: within a second, though a kernel may be later than that with timers
    /// of minutes. Else it is a reset like any other. What is configured by now says nothing of a socket that was
    /// opened before.
    /// </remarks>
    public static PeerStatus StatusOf(int error, in PeerSigns signs, long idleMilliseconds) =>
        error switch
        {
            0 => StatusOfOpen(signs),
            ErrorNumber.TimedOut => PeerStatus.Vanished,
            ErrorNumber.HostUnreachable or ErrorNumber.NetworkUnreachable => PeerStatus.Unreachable,
            ErrorNumber.ConnectionReset when AnswersProbe(signs, idleMilliseconds) => PeerStatus.Restarted,
            _ => PeerStatus.Unknown,
        };

    /// <summary>The reason for the ledger: what became of the peer, where that says more than its loss.</summary>
    public CloseReason Refine(CloseReason noted) =>
        noted is not (CloseReason.Reset or CloseReason.BackendReset or CloseReason.BackendStale) ? noted
        : Status switch
        {
            PeerStatus.Vanished => CloseReason.Vanished,
            PeerStatus.Restarted => CloseReason.Restarted,
            PeerStatus.Unreachable => CloseReason.Unreachable,
            _ => noted,
        };

    // What is sent again and again is not answered, and not refused: it may be the peer, and may be a busy line.
    private static PeerStatus StatusOfOpen(in PeerSigns signs) => signs switch
    {
        { IsKnown: false } => PeerStatus.Unknown,
        { Probes: > 0 } => PeerStatus.Probing,
        { Retransmits: > 0 } => PeerStatus.Unknown,
        _ => PeerStatus.Alive,
    };

    // A peer that does not read is probed, too, but not without bytes in flight.
    private static bool AnswersProbe(in PeerSigns signs, long idleMilliseconds) =>
        !signs.IsInFlight && (signs.IsKnown ? signs.Probes > 0 : IsJustAfterProbe(idleMilliseconds, signs.KeepAlive));

    private static bool IsJustAfterProbe(long idleMilliseconds, TcpKeepAlive keepAlive)
    {
        long sinceFirst = idleMilliseconds - (keepAlive.TimeSeconds * 1000L);
        return keepAlive.Probes > 0 && sinceFirst >= 0
            && sinceFirst % (keepAlive.IntervalSeconds * 1000L) <= SlackMilliseconds;
    }
}
