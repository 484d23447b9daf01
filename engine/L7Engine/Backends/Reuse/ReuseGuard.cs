using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends.Reuse;

/// <summary>
/// Which idle connections of one pool may still be used, by what their backend's others have taught; and what the ends
/// and uses of these teach.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ReuseGuard(EventLoop loop)
{
    // Of a backend that closes after each response thousands are opened a second, and asking costs a system call.
    private const int MillisecondsBetweenRoundTrips = 100;

    private readonly IdleSamples _samples = new();
    private long _roundTrip;
    private long _roundTripAt = -MillisecondsBetweenRoundTrips;

    /// <summary>The connection that waits past the deadline, to find out whether that still holds.</summary>
    public BackendConnection? Probe { get; private set; }

    private long Now => loop.NowMilliseconds;

    /// <returns>How long a connection may have been idle to be used, in milliseconds; 0 for not at all.</returns>
    public long OldestFor(Backend backend, bool isRepeatable) => isRepeatable
        ? IdleDeadlineRule.OldestForRepeatable(DeadlineOf(backend), _roundTrip)
        : IdleDeadlineRule.OldestForUnrepeatable(backend.UnrepeatableReuse, DeadlineOf(backend), _roundTrip);

    /// <returns>How long a connection may wait; less than the setting where the backend would close it.</returns>
    /// <remarks>Rounded down: it must be closed before that age, and not soon after.</remarks>
    public long IdleTicksOf(Backend backend)
    {
        long oldest = OldestFor(backend, isRepeatable: true);
        return oldest == IdleDeadlineRule.Unlimited
            ? backend.IdleTicks
            : Math.Min(backend.IdleTicks, Math.Max(0, (oldest / TimerWheel.MillisecondsPerTick) - 1));
    }

    /// <summary>Takes the round trip from a connection that was just opened.</summary>
    /// <remarks>
    /// The kernel's own figure, as long as it is that of the handshake alone: no acknowledgment was held back for it,
    /// and no turn of a loop is in it. Where the system does not tell, the time that connecting took; from a second on,
    /// that is a handshake that was sent again (RFC 6298). The longest counts, and fades with each that is shorter.
    /// </remarks>
    public void NoteOpened(TransportConnection transport, Backend backend)
    {
        if (!backend.PoolsConnections || !backend.Pool.LearnIdleTimeout
            || Now - _roundTripAt < MillisecondsBetweenRoundTrips)
        {
            return;
        }

        _roundTripAt = Now;
        PeerSigns signs = transport.ReadPeerSigns();
        long measured = signs.IsKnown ? (signs.RoundTripMicroseconds + 999) / 1000 : transport.IdleMilliseconds;
        if (signs.IsKnown || measured < 1_000)
        {
            _roundTrip = Math.Max(measured, _roundTrip - ((_roundTrip - measured + 7) / 8));
        }
    }

    /// <summary>The backend says how long it keeps idle connections.</summary>
    public void NoteAnnounced(int seconds) => _samples.Announce(1_000L * seconds);

    /// <summary>A connection was used, and answered, after it had been idle.</summary>
    public void NoteUsed(BackendConnection connection)
    {
        if (connection.ExchangeCount > 1 && connection.IsIdleTimeExact)
        {
            _samples.AddUse(Now, connection.IdleBeforeLease);
        }
    }

    /// <summary>The backend has ended a connection that was idle.</summary>
    public void NoteClosedIdle(BackendConnection connection)
    {
        // A host that is gone has closed nothing.
        if (connection is { IsIdleTimeExact: true, Transport.Error: 0 or ErrorNumber.ConnectionReset })
        {
            _samples.AddClose(new IdleClose(
                Now, Now - connection.IdleSinceMilliseconds, connection.ExchangeCount, WasTaken: false));
        }
    }

    /// <summary>The backend has ended a connection instead of answering.</summary>
    /// <returns>True when it must have done so while the connection was idle still.</returns>
    public bool TryNoteStale(BackendConnection connection)
    {
        bool isStale = connection.EndedUnanswered && connection.ExchangeCount > 1
            && Now - connection.LeasedMilliseconds <= (2 * _roundTrip) + IdleEvidence.SameMoment;
        if (isStale && connection.IsIdleTimeExact)
        {
            _samples.AddClose(new IdleClose(
                Now, connection.IdleBeforeLease, connection.ExchangeCount, WasTaken: true));
        }

        return isStale;
    }

    /// <summary>Shares what was seen; called each second while there is anything to share.</summary>
    /// <returns>True when it has to be called again, whatever happens.</returns>
    public bool Share(Backend backend)
    {
        if (!backend.Pool.LearnIdleTimeout)
        {
            _samples.Clear();
            return false;
        }

        IdleDeadline deadline = backend.State.IdleDeadline;
        if (!_samples.IsEmpty || deadline.IsDue(Now))
        {
            deadline.Merge(_samples, Now);
        }

        return deadline.IsUnsettled;
    }

    /// <summary>Lets one connection wait for longer, when it is time to try whether the backend keeps it.</summary>
    /// <param name="oldest">The one that has been idle for the longest.</param>
    public void ProbeWhenDue(Backend backend, BackendConnection oldest)
    {
        long deadline = DeadlineOf(backend);
        long age = Now - oldest.IdleSinceMilliseconds;
        if (Probe is null && deadline > 0 && age < OldestFor(backend, isRepeatable: true)
            && IdleDeadlineRule.OldestForProbe(deadline, _roundTrip) < backend.Pool.IdleTimeout.TotalMilliseconds
            && backend.State.IdleDeadline.TryBeginProbe(Now))
        {
            Probe = oldest;
            long ticks = IdleDeadlineRule.OldestForProbe(deadline, _roundTrip) / TimerWheel.MillisecondsPerTick;
            IdleConnections.SetDeadline(oldest, ticks);
        }
    }

    /// <returns>True when the probe has outlived the deadline: a request on it proves more than its being open.
    /// </returns>
    public bool IsProbeReady(Backend backend) => Probe is { } probe && DeadlineOf(backend) is var deadline
        && Now - probe.IdleSinceMilliseconds > IdleDeadlineRule.FirstAgainst(deadline, _roundTrip);

    /// <summary>The probe is idle no more.</summary>
    /// <param name="hasTold">The backend closed it, or a request is about to find out; else it is tried again.</param>
    public void EndProbe(Backend backend, bool hasTold)
    {
        Probe = null;
        if (!hasTold)
        {
            backend.State.IdleDeadline.RepeatProbe(Now);
        }
    }

    private static long DeadlineOf(Backend backend) =>
        backend.Pool.LearnIdleTimeout ? backend.State.IdleDeadline.Value : 0;
}
