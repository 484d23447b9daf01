using System.Diagnostics;
using System.IO.Pipelines;
using L7Engine.Diagnostics;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>
/// The connections of one loop to one backend: those in use are counted, idle ones wait, newest first.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it; other threads read the counts. An idle connection is watched: whatever
/// happens to it, it is discarded before a request of the same turn could take it (RFC 9112 section 9.5).
/// </remarks>
internal sealed class BackendPool(Backend backend, EventLoop loop, CloseLedger ledger, LoopCounters totals)
{
    private const long MillisecondsBetweenLines = 10_000;

    private readonly PeerAddress _address = PeerAddress.Of(backend.Address);
    private readonly ConnectionList _idle = new();
    private readonly ConnectionList _leaving = new();
    private uint _lastNumber;
    private long _untoldFailures;
    private long _toldMilliseconds = long.MinValue / 2;
    private CloseReason _drainReason;

    /// <summary>The backend as it is configured. An exchange keeps the one that it began with.</summary>
    public Backend Backend { get; private set; } = backend;

    public BackendCounts Counts { get; } = new();

    /// <summary>Takes the connection that was idle for the shortest time.</summary>
    /// <param name="isLookedAt">
    /// The system is asked whether the connection is still open: a call more, for a request that cannot be sent again.
    /// What the backend does after that no gateway can know.
    /// </param>
    public bool TryLease(bool isLookedAt, out BackendLease lease)
    {
        while (_idle.Newest is { } connection)
        {
            RemoveIdle(connection);
            if (IsTooOld(connection))
            {
                CloseOpen(connection, PoolCause(CloseReason.PoolMaxAge));
                continue;
            }

            if (isLookedAt && WhatIsSeenOf(connection.Transport) is var seen and not CloseReason.None)
            {
                CloseOpen(connection, PoolCause(seen));
                continue;
            }

            connection.Transport.Watcher = null;
            connection.Transport.ReadDeadlineTick = TimerWheel.Never;
            lease = connection.BeginLease();
            Counts.InFlight++;
            return true;
        }

        lease = default;
        return false;
    }

    /// <summary>Takes a connection that was just opened.</summary>
    public BackendLease LeaseNew(TransportConnection transport)
    {
        _lastNumber++;
        Counts.Opened++;
        Counts.Open++;
        totals.Add(LoopCounter.BackendsOpened);
        totals.Add(LoopCounter.BackendsOpen);
        Counts.InFlight++;
        return new BackendConnection(this, transport, new ConnectionId(Backend.Number, _lastNumber)).BeginLease();
    }

    /// <summary>Enters an attempt to connect that failed. It never was an open connection.</summary>
    /// <param name="isLocal">This machine ran out of something: the backend is not to blame.</param>
    /// <returns>
    /// How many failed since it was last worth a line in the log; 0 when it is not yet worth one again.
    /// </returns>
    public long EnterFailedConnect(
        in CloseCause cause, int errno, CloseParty endedBy, long beganMilliseconds, bool isLocal)
    {
        ledger.Enter(new CloseEntry
        {
            Side = ConnectionSide.Backend,
            Cause = cause,
            ClosedFirst = endedBy,
            Connection = new ConnectionId(Backend.Number, ++_lastNumber),
            Place = Backend.GroupName,
            Peer = _address,
            ClosedAtUtcTicks = loop.UtcNow.UtcTicks,
            AgeMilliseconds = loop.NowMilliseconds - beganMilliseconds,
            Errno = errno,
        });
        Counts.ConnectFailures += isLocal ? 0 : 1;
        totals.Add(LoopCounter.BackendsFailed);
        _untoldFailures++;
        if (loop.NowMilliseconds - _toldMilliseconds < MillisecondsBetweenLines)
        {
            return 0;
        }

        _toldMilliseconds = loop.NowMilliseconds;
        long told = _untoldFailures;
        _untoldFailures = 0;
        return told;
    }

    /// <summary>Keeps a connection that an exchange has given back.</summary>
    /// <param name="isKept">The backend keeps it open, too: it did not agree to close, whatever is configured by now.
    /// </param>
    public void AddIdle(BackendConnection connection, bool isKept)
    {
        Counts.InFlight--;
        connection.IdleSinceMilliseconds = loop.NowMilliseconds;
        CloseReason reason = WhyNotKept(connection.Transport, isKept);
        if (reason == CloseReason.PoolOff)
        {
            Leave(connection);
        }
        else if (reason != CloseReason.None)
        {
            CloseOpen(connection, PoolCause(reason));
        }
        else
        {
            Keep(connection);
        }
    }

    /// <summary>Closes a connection that an exchange had.</summary>
    public void Close(BackendConnection connection, in CloseCause cause)
    {
        Debug.Assert(!connection.IsIdle, "What is idle is not an exchange's to close.");
        Counts.InFlight--;
        CloseOpen(connection, cause);
    }

    /// <summary>Takes other settings for the same backend; they hold for what is idle already, too.</summary>
    public void Apply(Backend backend)
    {
        Debug.Assert(backend.Number == Backend.Number);
        Backend = backend;
        int kept = backend.PoolsConnections ? backend.MaxIdle : 0;
        while (_idle.Count > kept)
        {
            CloseIdle(_idle.Oldest!, kept > 0 ? CloseReason.PoolFull : CloseReason.PoolOff);
        }

        for (BackendConnection? connection = _idle.Oldest; connection is not null; connection = connection.Newer)
        {
            SetDeadline(connection);
        }
    }

    /// <summary>Closes all that waits, and from now on what is given back.</summary>
    public void Drain(CloseReason reason)
    {
        _drainReason = reason;
        CloseAllIdle(reason);
    }

    /// <summary>Closes all that waits; what is given back later is kept again.</summary>
    /// <returns>How many that were.</returns>
    public int CloseAllIdle(CloseReason reason)
    {
        int count = _idle.Count + _leaving.Count;
        while (_leaving.Oldest is { } connection)
        {
            EndLeaving(connection);
        }

        while (_idle.Oldest is { } connection)
        {
            CloseIdle(connection, reason);
        }

        return count;
    }

    /// <summary>Something happened to a connection that no exchange has: no request may have it any more.</summary>
    public void OnEvent(BackendConnection connection, ConnectionEvent what)
    {
        if (!connection.IsIdle)
        {
            EndLeaving(connection);
            return;
        }

        CloseIdle(connection, what switch
        {
            // RFC 9112 section 9.2: bytes that answer no request are not a response.
            ConnectionEvent.Readable => CloseReason.BackendSentUnasked,
            ConnectionEvent.Deadline => CloseReason.PoolIdleTimeout,
            ConnectionEvent.Failed => CloseReason.BackendReset,
            _ => CloseReason.BackendClosedIdle,
        });
    }

    /// <summary>Adds what is to be seen of the connections that no exchange has.</summary>
    public void LookAtWaiting(List<ConnectionPicture> seen)
    {
        SettingValue idleTimeout = FiredSettings.OfPool(CloseReason.PoolIdleTimeout, Backend.Pool);
        for (BackendConnection? connection = _idle.Newest; connection is not null; connection = connection.Older)
        {
            var deadline = new Deadline(idleTimeout, connection.Transport.ReadDeadlineTick);
            seen.Add(PictureOf(connection, ConnectionState.Idle, connection.ExchangeCount, deadline));
        }

        var closeWait = SettingValue.Of("timeouts.backendCloseWait", Backend.CloseWait);
        for (BackendConnection? connection = _leaving.Newest; connection is not null; connection = connection.Older)
        {
            var deadline = new Deadline(closeWait, connection.Transport.ReadDeadlineTick);
            seen.Add(PictureOf(connection, ConnectionState.Lingering, connection.ExchangeCount, deadline));
        }
    }

    public ConnectionPicture PictureOf(
        BackendConnection connection, ConnectionState state, int requests, in Deadline deadline)
    {
        TransportConnection transport = connection.Transport;
        PeerReport peer = PeerReport.Of(transport, Backend.KeepAlive);
        return new ConnectionPicture
        {
            Side = ConnectionSide.Backend,
            Connection = connection.Id,
            Place = Backend.GroupName,
            Peer = transport.RemoteAddress,
            State = state,
            AgeMilliseconds = loop.NowMilliseconds - connection.OpenedMilliseconds,
            IdleMilliseconds = transport.IdleMilliseconds,
            RequestCount = requests,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
            PeerStatus = peer.Status,
            PeerProbes = peer.Probes,
            Deadline = deadline,
            TakenAtMilliseconds = loop.NowMilliseconds,
        };
    }

    private void SetDeadline(BackendConnection connection) => connection.Transport.ReadDeadlineTick =
        TimerWheel.TickAfter(Backend.IdleTicks, EventLoop.TickAt(connection.IdleSinceMilliseconds));

    private CloseReason WhatIsSeenOf(TransportConnection transport)
    {
        transport.LookAgain();
        return WhatCame(transport);
    }

    // What came while nobody watched makes no event any more: it is looked for.
    private CloseReason WhatCame(TransportConnection transport)
    {
        if (!transport.HasUnread || !transport.Input.TryRead(out ReadResult read))
        {
            return CloseReason.None;
        }

        bool hasBytes = !read.Buffer.IsEmpty;
        transport.Input.AdvanceTo(read.Buffer.End);
        return hasBytes ? CloseReason.BackendSentUnasked : WhyEnded(transport);
    }

    private CloseReason WhyNotKept(TransportConnection transport, bool isKept)
    {
        return transport switch
        {
            _ when WhatCame(transport) is var came and not CloseReason.None => came,
            { IsDead: true } or { IsPeerFinished: true } => WhyEnded(transport),
            { HasUnread: true } => CloseReason.BackendSentUnasked,
            _ when !isKept || !Backend.PoolsConnections => CloseReason.PoolOff,
            _ => _drainReason,
        };
    }

    // Where every request says close, the backend's end is what it was asked for.
    private CloseReason WhyEnded(TransportConnection transport) =>
        !Backend.PoolsConnections ? CloseReason.PoolOff
        : transport.Error != 0 ? CloseReason.BackendReset : CloseReason.BackendClosedIdle;

    private CloseCause PoolCause(CloseReason reason) => new(reason, FiredSettings.OfPool(reason, Backend.Pool));

    private void Keep(BackendConnection connection)
    {
        if (_idle.Count >= Backend.MaxIdle)
        {
            CloseIdle(_idle.Oldest!, CloseReason.PoolFull);
        }

        connection.IsIdle = true;
        connection.Transport.Watcher = connection;
        SetDeadline(connection);
        _idle.Add(connection);
        Counts.Idle++;
        totals.Add(LoopCounter.BackendsIdle);
    }

    // It was told to close and does so first, so that the system remembers the connection (TIME_WAIT) on its side.
    private void Leave(BackendConnection connection)
    {
        TransportConnection transport = connection.Transport;
        if (transport.IsPeerFinished || transport.IsDead || Backend.CloseWaitTicks == 0
            || _drainReason != CloseReason.None)
        {
            CloseOpen(connection, PoolCause(CloseReason.PoolOff));
            return;
        }

        if (_leaving.Count >= Backend.MaxIdle)
        {
            EndLeaving(_leaving.Oldest!);
        }

        transport.Watcher = connection;
        transport.ReadDeadlineTick = loop.Wheel.TickAfter(Backend.CloseWaitTicks);
        _leaving.Add(connection);
    }

    private void EndLeaving(BackendConnection connection)
    {
        _leaving.Remove(connection);
        CloseOpen(connection, PoolCause(CloseReason.PoolOff));
    }

    private bool IsTooOld(BackendConnection connection) => Backend.MaxAgeMilliseconds > 0
        && loop.NowMilliseconds - connection.OpenedMilliseconds >= Backend.MaxAgeMilliseconds;

    private void CloseIdle(BackendConnection connection, CloseReason reason)
    {
        RemoveIdle(connection);
        CloseOpen(connection, PoolCause(reason));
    }

    private void CloseOpen(BackendConnection connection, in CloseCause cause)
    {
        Counts.Open--;
        totals.Add(LoopCounter.BackendsOpen, -1);
        totals.Add(LoopCounter.BackendBytesReceived, connection.Transport.BytesReceived);
        totals.Add(LoopCounter.BackendBytesSent, connection.Transport.BytesSent);
        TransportConnection transport = connection.Transport;
        PeerReport peer = PeerReport.OfEnd(transport, Backend.KeepAlive);
        ledger.Enter(new CloseEntry
        {
            Side = ConnectionSide.Backend,
            Cause = cause with { Reason = peer.Refine(cause.Reason) },
            ClosedFirst = transport.ClosedFirst,
            PeerProbes = (byte)peer.Probes,
            Connection = connection.Id,
            Place = Backend.GroupName,
            Peer = transport.RemoteAddress,
            ClosedAtUtcTicks = loop.UtcNow.UtcTicks,
            AgeMilliseconds = loop.NowMilliseconds - connection.OpenedMilliseconds,
            IdleMilliseconds = transport.IdleMilliseconds,
            RequestCount = connection.ExchangeCount,
            Errno = transport.Error,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
        });
        transport.Close();
    }

    private void RemoveIdle(BackendConnection connection)
    {
        connection.IsIdle = false;
        _idle.Remove(connection);
        Counts.Idle--;
        totals.Add(LoopCounter.BackendsIdle, -1);
    }
}
