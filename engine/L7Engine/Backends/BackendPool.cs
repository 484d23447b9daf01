using System.Diagnostics;
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
    private readonly IdleConnections _idle;
    private readonly LeavingConnections _leaving;
    private readonly BackendCloses _closes;
    private uint _lastNumber;
    private CloseReason _drainReason;

    public BackendPool(Backend backend, EventLoop loop, CloseLedger ledger, LoopCounters totals)
    {
        (Backend, _loop, _totals) = (backend, loop, totals);
        _idle = new IdleConnections(totals, Counts);
        _leaving = new LeavingConnections(loop);
        _closes = new BackendCloses(loop, ledger, totals, Counts);
    }

    /// <summary>The backend as it is configured. An exchange keeps the one that it began with.</summary>
    public Backend Backend { get; private set; }

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
            _idle.Remove(connection);
            if (WhyNotLeased(connection, isLookedAt) is var reason and not CloseReason.None)
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
        return new BackendConnection(this, transport, NextId()).BeginLease();
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
        connection.IdleSinceMilliseconds = _loop.NowMilliseconds;
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

        _idle.SetDeadlines(backend.IdleTicks);
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
        BackendPictures.OfIdle(_idle, Backend, seen);
        BackendPictures.OfLeaving(_leaving, Backend, seen);
    }

    private ConnectionId NextId() => new(Backend.Number, ++_lastNumber);

    private CloseReason WhyNotLeased(BackendConnection connection, bool isLookedAt) =>
        IsTooOld(connection) ? CloseReason.PoolMaxAge
        : isLookedAt ? ConnectionLook.WhatIsSeenOf(connection.Transport, Backend)
        : CloseReason.None;

    private CloseReason WhyNotKept(TransportConnection transport, bool isKept)
    {
        return transport switch
        {
            _ when ConnectionLook.WhatCame(transport, Backend) is var came and not CloseReason.None => came,
            { IsDead: true } or { IsPeerFinished: true } => ConnectionLook.WhyEnded(transport, Backend),
            { HasUnread: true } => CloseReason.BackendSentUnasked,
            _ when !isKept || !Backend.PoolsConnections => CloseReason.PoolOff,
            _ when Backend.State.Health.IsDrained => CloseReason.Drain,
            _ => _drainReason,
        };
    }

    private CloseCause PoolCause(CloseReason reason) => new(reason, FiredSettings.OfPool(reason, Backend.Pool));

    private void Keep(BackendConnection connection)
    {
        if (_idle.Count >= Backend.MaxIdle)
        {
            CloseIdle(_idle.Oldest!, CloseReason.PoolFull);
        }

        _idle.Add(connection, Backend.IdleTicks);
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

    private bool IsTooOld(BackendConnection connection) => Backend.MaxAgeMilliseconds > 0
        && _loop.NowMilliseconds - connection.OpenedMilliseconds >= Backend.MaxAgeMilliseconds;

    private void CloseIdle(BackendConnection connection, CloseReason reason)
    {
        _idle.Remove(connection);
        CloseOpen(connection, PoolCause(reason));
    }

    private void CloseOpen(BackendConnection connection, in CloseCause cause) =>
        _closes.Close(connection, Backend, cause);
}
