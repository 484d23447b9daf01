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

    private BackendConnection? _newest;
    private BackendConnection? _oldest;
    private uint _opened;
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
        while (_newest is { } connection)
        {
            Unlink(connection);
            if (IsTooOld(connection))
            {
                CloseOpen(connection, CloseReason.PoolMaxAge);
                continue;
            }

            if (isLookedAt && WhatIsSeenOf(connection.Transport) is var seen and not CloseReason.None)
            {
                CloseOpen(connection, seen);
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
        _opened++;
        Counts.Opened++;
        Counts.Open++;
        totals.Add(LoopCounter.BackendsOpened);
        totals.Add(LoopCounter.BackendsOpen);
        Counts.InFlight++;
        return new BackendConnection(this, transport, new ConnectionId(Backend.Number, _opened)).BeginLease();
    }

    /// <summary>Counts an attempt to connect that failed.</summary>
    /// <returns>
    /// How many failed since it was last worth a line in the log; 0 when it is not yet worth one again.
    /// </returns>
    public long CountConnectFailure()
    {
        Counts.ConnectFailures++;
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
    public void AddIdle(BackendConnection connection)
    {
        Counts.InFlight--;
        TransportConnection transport = connection.Transport;
        CloseReason reason = WhyNotKept(transport);
        if (reason != CloseReason.None)
        {
            CloseOpen(connection, reason);
            return;
        }

        if (Counts.Idle >= Backend.MaxIdle)
        {
            CloseIdle(_oldest!, CloseReason.PoolFull);
        }

        connection.IdleSinceMilliseconds = loop.NowMilliseconds;
        transport.Watcher = connection;
        SetDeadline(connection);
        Link(connection);
    }

    /// <summary>Closes a connection that an exchange had.</summary>
    public void Close(BackendConnection connection, CloseReason reason)
    {
        Debug.Assert(!connection.IsIdle, "What is idle is not an exchange's to close.");
        Counts.InFlight--;
        CloseOpen(connection, reason);
    }

    /// <summary>Takes other settings for the same backend; they hold for what is idle already, too.</summary>
    public void Apply(Backend backend)
    {
        Debug.Assert(backend.Number == Backend.Number);
        Backend = backend;
        int kept = backend.PoolsConnections ? backend.MaxIdle : 0;
        while (Counts.Idle > kept)
        {
            CloseIdle(_oldest!, kept > 0 ? CloseReason.PoolFull : CloseReason.PoolOff);
        }

        for (BackendConnection? connection = _oldest; connection is not null; connection = connection.Newer)
        {
            SetDeadline(connection);
        }
    }

    /// <summary>Closes all that is idle, and from now on what is given back.</summary>
    public void Drain(CloseReason reason)
    {
        _drainReason = reason;
        CloseAllIdle(reason);
    }

    /// <summary>Closes all that is idle; what is given back later is kept again.</summary>
    /// <returns>How many that were.</returns>
    public int CloseAllIdle(CloseReason reason)
    {
        int count = Counts.Idle;
        while (_oldest is { } connection)
        {
            CloseIdle(connection, reason);
        }

        return count;
    }

    /// <summary>Something happened to an idle connection: no request may have it any more.</summary>
    public void OnIdleEvent(BackendConnection connection, ConnectionEvent what)
    {
        Debug.Assert(connection.IsIdle);
        CloseIdle(connection, what switch
        {
            // RFC 9112 section 9.2: bytes that answer no request are not a response.
            ConnectionEvent.Readable => CloseReason.BackendSentUnasked,
            ConnectionEvent.Deadline => CloseReason.PoolIdleTimeout,
            ConnectionEvent.Failed => CloseReason.BackendReset,
            _ => CloseReason.BackendClosedIdle,
        });
    }

    private void SetDeadline(BackendConnection connection) => connection.Transport.ReadDeadlineTick =
        TimerWheel.TickAfter(Backend.IdleTicks, EventLoop.TickAt(connection.IdleSinceMilliseconds));

    private static CloseReason WhatIsSeenOf(TransportConnection transport)
    {
        transport.LookAgain();
        return WhatCame(transport);
    }

    // What came while nobody watched makes no event any more: it is looked for.
    private static CloseReason WhatCame(TransportConnection transport)
    {
        if (!transport.HasUnread || !transport.Input.TryRead(out ReadResult read))
        {
            return CloseReason.None;
        }

        bool hasBytes = !read.Buffer.IsEmpty;
        transport.Input.AdvanceTo(read.Buffer.End);
        return hasBytes ? CloseReason.BackendSentUnasked : WhyEnded(transport);
    }

    private CloseReason WhyNotKept(TransportConnection transport)
    {
        return transport switch
        {
            _ when WhatCame(transport) is var came and not CloseReason.None => came,
            { IsDead: true } or { IsPeerFinished: true } => WhyEnded(transport),
            { HasUnread: true } => CloseReason.BackendSentUnasked,
            _ when _drainReason != CloseReason.None => _drainReason,
            _ => Backend.PoolsConnections ? CloseReason.None : CloseReason.PoolOff,
        };
    }

    private static CloseReason WhyEnded(TransportConnection transport) =>
        transport.Error != 0 ? CloseReason.BackendReset : CloseReason.BackendClosedIdle;

    private bool IsTooOld(BackendConnection connection) => Backend.MaxAgeMilliseconds > 0
        && loop.NowMilliseconds - connection.OpenedMilliseconds >= Backend.MaxAgeMilliseconds;

    private void CloseIdle(BackendConnection connection, CloseReason reason)
    {
        Unlink(connection);
        CloseOpen(connection, reason);
    }

    private void CloseOpen(BackendConnection connection, CloseReason reason)
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
            Reason = peer.Refine(reason),
            PeerClosedFirst = transport.IsPeerFinished || transport.Error != 0,
            PeerProbes = (byte)peer.Probes,
            Connection = connection.Id,
            Peer = transport.RemoteAddress,
            ClosedAtMilliseconds = loop.NowMilliseconds,
            AgeMilliseconds = loop.NowMilliseconds - connection.OpenedMilliseconds,
            IdleMilliseconds = loop.NowMilliseconds - connection.IdleSinceMilliseconds,
            RequestCount = connection.ExchangeCount,
            Errno = transport.Error,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
        });
        transport.Close();
    }

    private void Link(BackendConnection connection)
    {
        connection.IsIdle = true;
        connection.Older = _newest;
        if (_newest is null)
        {
            _oldest = connection;
        }
        else
        {
            _newest.Newer = connection;
        }

        _newest = connection;
        Counts.Idle++;
        totals.Add(LoopCounter.BackendsIdle);
    }

    private void Unlink(BackendConnection connection)
    {
        connection.IsIdle = false;
        if (connection.Newer is null)
        {
            _newest = connection.Older;
        }
        else
        {
            connection.Newer.Older = connection.Older;
        }

        if (connection.Older is null)
        {
            _oldest = connection.Newer;
        }
        else
        {
            connection.Older.Newer = connection.Newer;
        }

        connection.Newer = connection.Older = null;
        Counts.Idle--;
        totals.Add(LoopCounter.BackendsIdle, -1);
    }
}
