using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L7Engine.Backends;
using L7Engine.Backends.Retries;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>
/// The backends and connections that one request is tried on, as often as HTTP allows and no oftener.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. What may be tried again: RFC 9110 section 9.2.2 and RFC 9112 section
/// 9.3.1. A connect that fails is no attempt; a reused connection that took no byte proves that nothing was sent. For
/// requests that may be repeated: a reused connection that ended before the first response byte is followed by a fresh
/// one; a fresh one that did, by one to another backend, within the budget of the group. So there are three sends at
/// most, and none after a byte of a response.
/// </remarks>
internal sealed class BackendAttempts(Worker worker)
{
    private const int MaxSends = 3;

    private readonly BackendChoice _choice = new(worker);
    private readonly Connecting _connecting = new(worker);
    private RoutePlan _route = null!;
    private BackendLease _lease;
    private bool _isRepeatable;
    private bool _needsFresh;
    private bool _hasSpent;
    private int _sends;
    private long _receivedBefore;

    public bool HasLease => !_lease.IsNone;

    /// <summary>True while the kernel has taken no byte of the request on this connection.</summary>
    public bool IsUnsent => _lease.IsUnsent;

    /// <summary>True when the backend has sent a byte since the request was.</summary>
    public bool HasAnswered => Connection.Transport.BytesReceived != _receivedBefore;

    public BackendConnection Connection => _lease.Connection;

    /// <summary>The configuration that holds for this request.</summary>
    public LoopPlan Plan => _choice.Plan;

    /// <summary>Which backend it is sent to, and its place there.</summary>
    public BackendChoice Choice => _choice;

    public Backend Backend => _choice.Backend;

    public IPEndPoint Address => Backend.Address;

    /// <inheritdoc cref="Connecting.DeadlineTick"/>
    public long ConnectDeadlineTick => _connecting.DeadlineTick;

    /// <summary>Picks the first backend, or sees that a place has to be waited for.</summary>
    /// <param name="client">Whose turn it takes, if it has to wait.</param>
    /// <param name="bound">The index of the backend that is asked before the policy; -1 for none.</param>
    /// <returns>False when the group has none that takes requests.</returns>
    public bool TryBegin(
        LoopPlan plan, RoutePlan route, in BalancingRequest request, ClientKey client, int bound)
    {
        _route = route;
        _choice.Begin(plan, route.Group, plan.Balancers[route.Group].KeyOf(request), client, bound);
        return _choice.TryNext();
    }

    /// <summary>Takes what a wait for a place has brought.</summary>
    public ProxyFault TakePlace()
    {
        ProxyFault fault = _choice.TakePlace();
        _connecting.Postpone(_choice.WaitedTicks);
        return fault;
    }

    /// <summary>Takes whether the request can be sent again, for what it asks and because all of it is kept.</summary>
    public void TakeRepeat(bool isRepeatable) => _isRepeatable = isRepeatable;

    /// <summary>Leases an idle connection to the picked backend, unless there is a lease already.</summary>
    /// <returns>False when one has to be opened.</returns>
    public bool TryLease()
    {
        if (!HasLease && !_needsFresh)
        {
            if (_choice.Pool.TryLease(_isRepeatable, out _lease))
            {
                OnLeased();
            }
        }

        return HasLease;
    }

    /// <summary>Opens a connection to the picked backend.</summary>
    public ValueTask<ConnectResult> ConnectAsync() => _connecting.BeginAsync(Backend, Plan);

    /// <summary>Ends whatever waits for a backend: for a place there, an attempt to connect, or a read and a write of
    /// the lease.</summary>
    public void EndWaits()
    {
        _choice.Leave();
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
            _lease = _choice.Pool.LeaseNew(transport);
            OnLeased();
            Backend.State.IsUnreachable = false;
            return ProxyFault.None;
        }

        if (result.Error == SocketError.OperationAborted)
        {
            // The loop ends.
            return ProxyFault.ConnectFailed;
        }

        _connecting.EnterFailure(_choice.Pool, Plan, result);
        if (result.IsLocalCause)
        {
            return ProxyFault.LocalCause;
        }

        Backend.State.IsUnreachable = true;
        BlameForConnect(result);
        _choice.AskIfLost();
        BackendPool failed = _choice.Pool;
        if (!_connecting.IsOver && _choice.TryNext())
        {
            CountRetry(failed, RetryCause.Connect);
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
            _choice.Pool.LeaseNew(transport).Discard(cause);
        }
        else
        {
            _connecting.EnterGivenUp(_choice.Pool, cause);
        }
    }

    /// <summary>Counts a request that is about to be written.</summary>
    public void CountRequest()
    {
        _sends++;
        Debug.Assert(_sends <= MaxSends, "Each rule that sends again applies once.");
        _choice.SpendRetry();
        _choice.Pool.Counts.Requests++;
        if (_lease.IsReused)
        {
            _choice.Pool.Counts.Reused++;
            worker.Counters.Add(LoopCounter.RequestsOnReusedBackends);
        }
    }

    /// <summary>
    /// The connection ended before it took a byte: nothing was sent, so any request may be sent again.
    /// </summary>
    /// <returns>False when there is nowhere left to send it.</returns>
    public bool TryAgainUnsent()
    {
        BackendPool failed = _choice.Pool;
        bool wasReused = _lease.IsReused;
        Blame(ProxyFault.ClosedBeforeResponse);
        Discard(wasReused ? CloseReason.BackendStale : CloseReason.BackendReset);
        _sends--;

        // Every stale connection leaves the pool, so this ends; a fresh one that fails is like a failed connect.
        bool isAgain = wasReused || _choice.TryNext();
        if (isAgain)
        {
            CountRetry(failed, RetryCause.Unsent);
        }

        return isAgain;
    }

    /// <summary>
    /// The connection ended before the first response byte: the same request once more, on a fresh connection if this
    /// one was reused, else on another backend.
    /// </summary>
    /// <returns>False when it was sent as often as it may be.</returns>
    public bool TryAgainAfterEnd()
    {
        if (!_lease.IsReused)
        {
            return TryAgainElsewhere(
                RetryCause.Fresh, ProxyFault.ClosedBeforeResponse, CloseReason.BackendReset);
        }

        if (_sends == MaxSends)
        {
            return false;
        }

        Discard(CloseReason.BackendStale);
        _connecting.Clear();
        _needsFresh = true;
        CountRetry(_choice.Pool, RetryCause.Stale);
        return true;
    }

    /// <summary>The response did not begin in time: the same request once more, on another backend.</summary>
    /// <param name="cause">Why the connection is closed, if so.</param>
    /// <returns>False when it was sent as often as it may be.</returns>
    public bool TryAgainAfterTimeout(in CloseCause cause) =>
        TryAgainElsewhere(RetryCause.Timeout, ProxyFault.ResponseTimedOut, cause);

    /// <summary>What came was no response: the same request once more, on another backend.</summary>
    /// <inheritdoc cref="TryAgainAfterTimeout"/>
    public bool TryAgainAfterMalformed(in CloseCause cause) =>
        TryAgainElsewhere(RetryCause.Malformed, ProxyFault.BadResponse, cause);

    /// <summary>The head of a response has come: what becomes of it then does not count.</summary>
    public void ReportAnswer(int status) => _choice.ReportAnswer(status);

    /// <summary>Counts what ends the attempt against the backend, where it is to blame: a connection that it closed
    /// while it was idle is no failure.</summary>
    public void Blame(ProxyFault fault)
    {
        bool isStale = fault == ProxyFault.ClosedBeforeResponse && HasLease && _lease.IsReused;
        if (!isStale)
        {
            _choice.ReportFailure(fault.RequestFailure);
        }
    }

    /// <summary>Takes what the head of a response says of the connection.</summary>
    public void TakeTerms(ResponseHead head)
    {
        if (head.KeepAliveSeconds > 0)
        {
            _choice.Pool.NoteAnnounced(head.KeepAliveSeconds);
        }
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

    /// <summary>A bug has ended the request in the middle.</summary>
    public void Abandon()
    {
        Discard(CloseReason.EngineFault);
        _choice.Abandon();
    }

    /// <summary>Adds what is to be seen of the leased connection.</summary>
    public void LookAtLease(ConnectionState state, in Deadline deadline, List<ConnectionPicture> seen) =>
        seen.Add(BackendPictures.Of(Connection, _choice.Pool.Backend, state, Connection.ExchangeCount + 1, deadline));

    /// <summary>Makes ready for the next exchange. The lease must have ended.</summary>
    public void Clear()
    {
        _choice.Clear();
        (_needsFresh, _hasSpent, _sends) = (false, false, 0);
        _connecting.Clear();
    }

    // The backend has had the request and may have acted on it: that is what the budget is for.
    private bool TryAgainElsewhere(RetryCause cause, ProxyFault fault, in CloseCause why)
    {
        BackendPool failed = _choice.Pool;
        if (_hasSpent || _sends == MaxSends || !_choice.HasUntried)
        {
            return false;
        }

        if (!_choice.TryTakeRetry())
        {
            CountRetry(failed, RetryCause.Refused);
            return false;
        }

        Blame(fault);
        if (!_choice.TryNext())
        {
            _choice.GiveRetryBack();
            return false;
        }

        _hasSpent = true;
        _connecting.Clear();
        Discard(why);
        CountRetry(failed, cause);
        return true;
    }

    private void CountRetry(BackendPool failed, RetryCause cause)
    {
        failed.Counts.Retries.Add(cause);
        worker.Counters.Add(LoopCounter.RetriesAfterConnect + (int)cause);
    }

    private void OnLeased()
    {
        _receivedBefore = Connection.Transport.BytesReceived;
        Connection.Transport.WriteClock = _route.Ticks.BackendSend;
    }

    // Who was tried late in the time for connecting had too little of it to be judged.
    private void BlameForConnect(in ConnectResult result)
    {
        TimeSpan took = TimeSpan.FromMilliseconds(_connecting.TookMilliseconds);
        if (!result.IsTimedOut)
        {
            Blame(ProxyFault.ConnectFailed);
        }
        else if (took * 2 >= Plan.Snapshot.Options.Timeouts.BackendConnect)
        {
            Blame(ProxyFault.ConnectTimedOut);
        }
    }
}
