using System.Diagnostics;
using L7Engine.Backends.Reuse;
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
internal sealed class BackendPool
{
    private readonly EventLoop _loop;
    private readonly LoopCounters _totals;
    private readonly IdleShare _share;
    private readonly IdleConnections _idle;
    private readonly LeavingConnections _leaving;
    private readonly UnprobedConnections _unprobed = new();
    private readonly BackendCloses _closes;
    private readonly ReuseGuard _guard;
    private readonly PoolUpkeep _upkeep;
    private uint _lastNumber;
    private CloseReason _drainReason;

    public BackendPool(Backend backend, EventLoop loop, CloseLedger ledger, LoopCounters totals)
    {
        (Backend, _loop, _totals) = (backend, loop, totals);
        _share = new IdleShare(backend.State.Idle, () => _ = loop.Post(_ => GiveUp(), null));
        _idle = new IdleConnections(totals, Counts, _share);
        _leaving = new LeavingConnections(loop);
        _closes = new BackendCloses(loop, ledger, totals, Counts);
        _guard = new ReuseGuard(loop);
        _upkeep = new PoolUpkeep(this, loop, _idle, _unprobed, _guard);
        backend.State.Idle.Join(_share);
    }

    /// <summary>The backend as it is configured. An exchange keeps the one that it began with.</summary>
    public Backend Backend { get; private set; }

    /// <summary>What this loop draws by lot from.</summary>
    public int Seed { get; init; }

    public BackendCounts Counts { get; } = new();

    /// <summary>Takes the connection that was idle for the shortest time, if that is short enough.</summary>
    /// <param name="isRepeatable">
    /// The request can be sent again. For one that cannot, the connection must have been idle for less, and the system
    /// is asked whether it is still open: a call more. What the backend does after that no gateway can know.
    /// </param>
    public bool TryLease(bool isRepeatable, out BackendLease lease)
    {
        long oldest = _guard.OldestFor(Backend, isRepeatable);
        while (NextFor(isRepeatable, oldest) is { } connection)
        {
            bool isProbe = connection == _guard.Probe && IsOlderThan(oldest, connection);
            RemoveIdle(connection, hasTold: isProbe);
            CloseReason reason = WhyNotLeased(connection, isRepeatable, isProbe ? IdleDeadlineRule.Unlimited : oldest);
            if (reason != CloseReason.None)
            {
                CloseOpen(connection, PoolCause(reason));
                continue;
            }

            connection.Transport.Watcher = null;
            connection.Transport.ReadDeadlineTick = TimerWheel.Never;
            lease = connection.BeginLease();
            return true;
        }

        lease = default;
        return false;
    }

    /// <summary>Takes a connection that was just opened.</summary>
    public BackendLease LeaseNew(TransportConnection transport)
    {
        Counts.Opened++;
        Counts.Open++;
        _totals.Add(LoopCounter.BackendsOpened);
        _totals.Add(LoopCounter.BackendsOpen);
        _guard.NoteOpened(transport, Backend);
        var connection = new BackendConnection(this, transport, NextId());
        _unprobed.Add(connection);
        _upkeep.Begin();
        return connection.BeginLease();
    }

    /// <inheritdoc cref="BackendCloses.EnterFailedConnect"/>
    public long EnterFailedConnect(
        in CloseCause cause, int errno, CloseParty endedBy, long beganMilliseconds, bool isLocal) =>
        _closes.EnterFailedConnect(Backend, NextId(), cause, errno, endedBy, beganMilliseconds, isLocal);

    /// <inheritdoc cref="BackendCloses.EnterGivenUp"/>
    public void EnterGivenUp(in CloseCause cause, long beganMilliseconds) =>
        _closes.EnterGivenUp(Backend, NextId(), cause, beganMilliseconds);

    /// <summary>Keeps a connection that an exchange has given back.</summary>
    /// <param name="isKept">The backend keeps it open, too: it did not agree to close, whatever is configured by now.
    /// </param>
    public void AddIdle(BackendConnection connection, bool isKept)
    {
        _unprobed.Remove(connection);
        _guard.NoteUsed(connection);
        connection.BeginIdle();
        CloseReason reason = WhyNotKept(connection, isKept);
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
        _unprobed.Remove(connection);
        if (_guard.TryNoteStale(connection))
        {
            Counts.Stale++;
            _totals.Add(LoopCounter.BackendsStale);
            _upkeep.Begin();
        }

        CloseOpen(connection, cause);
    }

    /// <summary>Takes other settings for the same backend; they hold for what is idle already, too.</summary>
    public void Apply(Backend backend)
    {
        Debug.Assert(backend.Number == Backend.Number);
        Backend = backend;
        int kept = backend.PoolsConnections ? backend.MaxIdle : 0;
        while (_idle.Oldest is { } oldest && backend.State.Idle.Count > kept)
        {
            CloseIdle(oldest, kept > 0 ? CloseReason.PoolFull : CloseReason.PoolOff);
        }

        _upkeep.ReviseDeadlines();
    }

    /// <summary>The backend says how long it keeps idle connections.</summary>
    public void NoteAnnounced(int seconds) => _guard.NoteAnnounced(seconds);

    /// <summary>Closes all that waits, and from now on what is given back.</summary>
    public void Drain(CloseReason reason)
    {
        _drainReason = reason;
        CloseAllIdle(reason);
        Backend.State.Idle.Leave(_share);
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

    /// <summary>Closes a connection that waits.</summary>
    public void CloseIdle(BackendConnection connection, CloseReason reason)
    {
        RemoveIdle(connection, hasTold: reason is CloseReason.BackendClosedIdle or CloseReason.BackendReset);
        CloseOpen(connection, PoolCause(reason));
    }

    /// <summary>Something happened to a connection that no exchange has: no request may have it any more.</summary>
    public void OnEvent(BackendConnection connection, ConnectionEvent what)
    {
        if (!connection.IsIdle)
        {
            EndLeaving(connection);
            return;
        }

        if (what != ConnectionEvent.Deadline)
        {
            _guard.NoteClosedIdle(connection);
        }

        CloseIdle(connection, what switch
        {
            // RFC 9112 section 9.2: bytes that answer no request are not a response.
            ConnectionEvent.Readable => CloseReason.BackendSentUnasked,
            ConnectionEvent.Deadline => WhyOverdue(connection),
            ConnectionEvent.Failed => CloseReason.BackendReset,
            _ => CloseReason.BackendClosedIdle,
        });
    }

    /// <summary>Adds what is to be seen of the connections that no exchange has.</summary>
    public void LookAtWaiting(List<ConnectionPicture> seen)
    {
        BackendPictures.OfIdle(_idle, Backend, isLearned: _upkeep.IdleTicks < Backend.IdleTicks, seen);
        BackendPictures.OfLeaving(_leaving, Backend, seen);
    }

    private ConnectionId NextId() => new(Backend.Number, ++_lastNumber);

    private BackendConnection? NextFor(bool isRepeatable, long oldest)
    {
        BackendConnection? newest = _idle.Newest;
        if (newest is null || (isRepeatable && _guard.IsProbeReady(Backend)))
        {
            return newest is null ? null : _guard.Probe;
        }

        if (isRepeatable)
        {
            return newest == _guard.Probe && IsOlderThan(oldest, newest) ? null : newest;
        }

        // Those behind it were idle for longer. They are left to requests that can be sent again.
        if (oldest > 0 && !IsOlderThan(oldest, newest))
        {
            return newest;
        }

        Counts.ReuseRefused++;
        _totals.Add(LoopCounter.ReusesRefused);
        return null;
    }

    private CloseReason WhyNotLeased(BackendConnection connection, bool isRepeatable, long oldest) =>
        IsTooOld(connection) ? CloseReason.PoolMaxAge
        : oldest == 0 || IsOlderThan(oldest, connection) ? WhyOverdue(connection)
        : !isRepeatable ? ConnectionLook.WhatIsSeenOf(connection.Transport, Backend)
        : CloseReason.None;

    private bool IsOlderThan(long milliseconds, BackendConnection connection) =>
        _loop.NowMilliseconds - connection.IdleSinceMilliseconds > milliseconds;

    private CloseReason WhyOverdue(BackendConnection connection) =>
        IsOlderThan((long)Backend.Pool.IdleTimeout.TotalMilliseconds - 1, connection)
            ? CloseReason.PoolIdleTimeout
            : CloseReason.PoolIdleDeadline;

    private CloseReason WhyNotKept(BackendConnection connection, bool isKept)
    {
        TransportConnection transport = connection.Transport;
        return transport switch
        {
            _ when ConnectionLook.WhatCame(transport, Backend) is var came and not CloseReason.None => came,
            { IsDead: true } or { IsPeerFinished: true } => ConnectionLook.WhyEnded(transport, Backend),
            { HasUnread: true } => CloseReason.BackendSentUnasked,
            _ when !isKept || !Backend.PoolsConnections => CloseReason.PoolOff,
            _ when Backend.State.Health.IsDrained => CloseReason.Drain,
            _ when Backend.IsUsedUp(connection.ExchangeCount) => CloseReason.PoolRequestLimit,
            _ => _drainReason,
        };
    }

    private CloseCause PoolCause(CloseReason reason) => new(reason, FiredSettings.OfPool(reason, Backend.Pool));

    private void Keep(BackendConnection connection)
    {
        while (!_share.TryTake(Backend.MaxIdle))
        {
            if (_idle.Oldest is not { } oldest)
            {
                CloseOpen(connection, PoolCause(CloseReason.PoolFull));
                return;
            }

            CloseIdle(oldest, CloseReason.PoolFull);
        }

        UnprobedConnections.Probe(connection, Backend.KeepAlive);
        _idle.Add(connection, _upkeep.IdleTicks);
        _upkeep.Begin();
    }

    // Another loop had less than its part of the places.
    private void GiveUp()
    {
        _share.Listen();
        while (_idle.Count > _share.Count && _idle.Oldest is { } oldest)
        {
            CloseIdle(oldest, CloseReason.PoolFull);
        }
    }

    private void Leave(BackendConnection connection)
    {
        if (!LeavingConnections.IsWorthWaiting(connection.Transport, Backend) || _drainReason != CloseReason.None)
        {
            CloseOpen(connection, PoolCause(CloseReason.PoolOff));
            return;
        }

        if (_leaving.Count >= Backend.MaxIdle)
        {
            EndLeaving(_leaving.Oldest!);
        }

        _leaving.Add(connection, Backend);
    }

    private void EndLeaving(BackendConnection connection)
    {
        _leaving.Remove(connection);
        CloseOpen(connection, PoolCause(CloseReason.PoolOff));
    }

    private bool IsTooOld(BackendConnection connection) =>
        Backend.IsTooOld(_loop.NowMilliseconds - connection.OpenedMilliseconds, connection.Id, Seed);

    private void RemoveIdle(BackendConnection connection, bool hasTold)
    {
        if (connection == _guard.Probe)
        {
            _guard.EndProbe(Backend, hasTold);
        }

        _idle.Remove(connection);
    }

    private void CloseOpen(BackendConnection connection, in CloseCause cause)
    {
        Counts.ClosedFirst += cause.Reason == CloseReason.PoolIdleDeadline ? 1 : 0;
        _closes.Close(connection, Backend, cause);
    }
}
