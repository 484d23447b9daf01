using System.Net;
using System.Net.Sockets;
using L7Engine.Backends;
using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>
/// The backends and connections that one request is tried on, as often as HTTP allows and no oftener.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. What may be tried again: RFC 9110 section 9.2.2 and RFC 9112 section
/// 9.3.1. A connect that fails is no attempt; a reused connection that took no byte proves that nothing was sent; one
/// that ended before the first response byte may be followed by one fresh one, for methods that may be repeated.
/// </remarks>
internal sealed class BackendAttempts(Worker worker)
{
    private readonly Connecting _connecting = new(worker);
    private bool[] _tried = [];
    private LoopPlan _plan = null!;
    private int _group;
    private Backend? _backend;
    private BackendPool? _pool;
    private BackendLease _lease;
    private bool _isRepeatable;
    private bool _needsFresh;
    private bool _hasPlace;
    private ulong _key;

    public bool HasLease => !_lease.IsNone;

    /// <summary>True while the kernel has taken no byte of the request on this connection.</summary>
    public bool IsUnsent => _lease.IsUnsent;

    public BackendConnection Connection => _lease.Connection;

    /// <summary>The configuration that holds for this request.</summary>
    public LoopPlan Plan => _plan;

    public Backend Backend => _backend!;

    public IPEndPoint Address => Backend.Address;

    /// <inheritdoc cref="Connecting.DeadlineTick"/>
    public long ConnectDeadlineTick => _connecting.DeadlineTick;

    /// <summary>Picks the first backend.</summary>
    /// <returns>False when the group has none that takes requests.</returns>
    public bool TryBegin(LoopPlan plan, int group, bool isRepeatable, in BalancingRequest request)
    {
        (_plan, _group, _isRepeatable) = (plan, group, isRepeatable);
        _key = plan.Balancers[group].KeyOf(request);
        int count = plan.Snapshot.Groups[group].Backends.Length;
        if (_tried.Length < count)
        {
            _tried = new bool[count];
        }

        _tried.AsSpan().Clear();
        return TryPickNext();
    }

    /// <summary>Leases an idle connection to the picked backend, unless there is a lease already.</summary>
    /// <returns>False when one has to be opened.</returns>
    public bool TryLease()
    {
        if (!HasLease && !_needsFresh)
        {
            if (_pool!.TryLease(isLookedAt: !_isRepeatable, out _lease))
            {
                SetWriteClock();
            }
        }

        return HasLease;
    }

    /// <summary>Opens a connection to the picked backend.</summary>
    public ValueTask<ConnectResult> ConnectAsync() => _connecting.BeginAsync(Backend, _plan);

    /// <summary>Ends whatever waits for a backend: an attempt to connect, or a read and a write of the lease.</summary>
    public void EndWaits()
    {
        _connecting.GiveUp();
        if (HasLease)
        {
            Connection.Transport.Input.CancelPendingRead();
            Connection.Transport.Output.CancelPendingFlush();
        }
    }

    /// <summary>Takes the outcome of connecting: a lease, another backend to try, or a fault.</summary>
    public ProxyFault TakeConnection(in ConnectResult result)
    {
        _connecting.End();
        if (result.Connection is { } transport)
        {
            _lease = _pool!.LeaseNew(transport);
            SetWriteClock();
            return ProxyFault.None;
        }

        if (result.Error == SocketError.OperationAborted)
        {
            // The loop ends.
            return ProxyFault.ConnectFailed;
        }

        _connecting.EnterFailure(_pool!, _plan, result);
        if (result.IsLocalCause)
        {
            return ProxyFault.LocalCause;
        }

        if (!_connecting.IsOver && TryPickNext())
        {
            worker.Counters.Add(LoopCounter.RetriesAfterConnect);
            return ProxyFault.None;
        }

        return result.Error == SocketError.TimedOut ? ProxyFault.ConnectTimedOut : ProxyFault.ConnectFailed;
    }

    /// <summary>Takes the outcome of connecting for an exchange that has failed meanwhile.</summary>
    public void DropConnection(in ConnectResult result, in CloseCause cause)
    {
        _connecting.End();
        if (result.Connection is { } transport)
        {
            _pool!.LeaseNew(transport).Discard(cause);
        }
        else
        {
            _connecting.EnterGivenUp(_pool!, cause);
        }
    }

    /// <summary>Counts a request that is about to be written.</summary>
    public void CountRequest()
    {
        _pool!.Counts.Requests++;
        if (_lease.IsReused)
        {
            _pool.Counts.Reused++;
            worker.Counters.Add(LoopCounter.RequestsOnReusedBackends);
        }
    }

    /// <summary>
    /// The connection ended before it took a byte: nothing was sent, so any request may be sent again.
    /// </summary>
    /// <returns>False when there is nowhere left to send it.</returns>
    public bool TryAgainUnsent()
    {
        bool wasReused = _lease.IsReused;
        Discard(wasReused ? CloseReason.BackendStale : CloseReason.BackendReset);
        worker.Counters.Add(LoopCounter.RetriesUnsent);

        // Every stale connection leaves the pool, so this ends; a fresh one that fails is like a failed connect.
        return wasReused || TryPickNext();
    }

    /// <summary>
    /// A reused connection ended before the first response byte: the same request once more on a fresh one.
    /// </summary>
    /// <returns>False when that was the second time, or the connection was fresh.</returns>
    public bool TryAgainOnFresh()
    {
        if (!_lease.IsReused || _needsFresh)
        {
            return false;
        }

        Discard(CloseReason.BackendStale);
        _needsFresh = true;
        worker.Counters.Add(LoopCounter.RetriesOnStale);
        return true;
    }

    /// <param name="isKept">The backend keeps the connection open.</param>
    public void Return(bool isKept)
    {
        _lease.Return(isKept);
        _lease = default;
    }

    public void Discard(in CloseCause cause)
    {
        if (HasLease)
        {
            _lease.Discard(cause);
            _lease = default;
        }
    }

    /// <summary>Adds what is to be seen of the leased connection.</summary>
    public void LookAtLease(ConnectionState state, in Deadline deadline, List<ConnectionPicture> seen) =>
        seen.Add(BackendPictures.Of(Connection, _pool!.Backend, state, Connection.ExchangeCount + 1, deadline));

    /// <summary>The request needs its backend no more: another may have its place.</summary>
    public void GivePlaceBack()
    {
        if (_hasPlace)
        {
            _hasPlace = false;
            Backend.State.ReleasePlace();
        }
    }

    /// <summary>Makes ready for the next exchange. The lease must have ended.</summary>
    public void Clear()
    {
        GivePlaceBack();
        (_plan, _pool, _backend) = (null!, null, null);
        _needsFresh = false;
        _connecting.Clear();
    }

    private bool TryPickNext()
    {
        GivePlaceBack();
        Backend[] backends = _plan.Snapshot.Groups[_group].Backends;
        Span<bool> tried = _tried.AsSpan(0, backends.Length);

        // Another loop may have taken the last place in this very moment; then the backend is no candidate any more.
        for (int i = 0; i <= backends.Length; i++)
        {
            int picked = _plan.Balancers[_group].Pick(_key, new BalancingCandidates(backends, tried));
            if (picked < 0)
            {
                return false;
            }

            if (backends[picked].State.TryTakePlace(backends[picked].MaxInFlight))
            {
                tried[picked] = true;
                _hasPlace = true;
                _backend = backends[picked];
                _pool = _plan.Pools[_backend.Index];
                return true;
            }
        }

        return false;
    }

    private void SetWriteClock() => Connection.Transport.WriteClock = _plan.Snapshot.Ticks.BackendSend;
}
