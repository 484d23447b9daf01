using System.Diagnostics;
using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Http;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>One request and its response.</summary>
/// <remarks>
/// <code>
///   client ──(1)──► engine ──(4,5)──► backend
///   client ◄──(7)── engine ◄───(6)─── backend
/// </code>
/// Not thread-safe: the loop's thread owns it. Its steps are synchronous: the task of the client's connection holds
/// every await and closes every connection; a second task, <see cref="Upload"/>, sends what the backend does not take
/// at once. What goes wrong is noted by <see cref="FirstFault"/>.
/// </remarks>
internal sealed class Exchange
{
    private readonly Worker _worker;
    private readonly RequestForwarding _request;
    private readonly ResponseForwarding _response;
    private readonly ClientReply _reply;
    private readonly BackendAttempts _attempts;
    private readonly RequestStart _start;
    private readonly ResponseHeads _heads;
    private readonly Upload _upload;
    private readonly FirstFault _fault;
    private ValueTask<FlushResult> _sending;

    public Exchange(Worker worker)
    {
        _worker = worker;
        _request = new RequestForwarding(worker);
        _response = new ResponseForwarding(worker);
        _reply = new ClientReply(worker, _request);
        _attempts = new BackendAttempts(worker);
        _start = new RequestStart(worker, _request, _reply, _attempts);
        _heads = new ResponseHeads(worker, _request, _response, _reply, _attempts);
        _fault = new FirstFault(worker, _request, _response, _reply, _heads, _attempts);
        _upload = new Upload(worker, this, _request, _fault);
    }

    public BackendAttempts Attempts => _attempts;

    /// <summary>True while the request has to be sent, to the first backend or to another.</summary>
    public bool NeedsResponse => !HasFailed && !_response.HasBegun && !_reply.HasAnswer && Tunnel is null;

    /// <summary>True while the final response head is to come on the connection the request was sent on.</summary>
    public bool AwaitsHead => NeedsResponse && _attempts.HasLease;

    /// <summary>True when an interim response lies in the client's writer.</summary>
    public bool HasInterim => _heads.HasInterim;

    /// <summary>True when there is something to write to the client.</summary>
    public bool HasOutput => _response.HasOutput || _reply.HasAnswer;

    /// <summary>True when the response goes on and its next piece has to be read first.</summary>
    public bool NeedsBody => _response is { HasBegun: true, HasOutput: false, IsBodyTaken: false } && !HasFailed;

    /// <summary>True when a place at a backend has to be waited for before the request can be sent.</summary>
    public bool NeedsPlace => _attempts.Choice.NeedsPlace && NeedsResponse;

    /// <summary>Set by a 101 that was asked for: from then on the bytes are opaque.</summary>
    public Tunnel? Tunnel => _heads.Tunnel;

    /// <summary>True when the response was cut short, and only a reset can show that to the client.</summary>
    public bool MustReset => _fault.MustReset;

    /// <summary>How long the connection may wait for the next request, if it stays open.</summary>
    public long IdleTicks => _reply.Persistence.IdleTicks;

    public bool IsUploading => _upload.IsRunning;

    /// <summary>True when the client is the one that is waited for, and its rate what ends the wait.</summary>
    public bool IsUploadByRate => _upload.IsByRate;

    /// <summary>The configuration that it began with.</summary>
    public LoadBalancerOptions Options => _request.Snapshot.Options;

    /// <summary>The timeouts that hold for it to its end, whatever is configured meanwhile.</summary>
    public TimeoutTicks Ticks => _request.Ticks;

    /// <summary>The route that it takes; null when it takes none.</summary>
    public RoutePlan? Route => _request.Route;

    public bool BeganUnder(Snapshot snapshot) => _request.Snapshot == snapshot;

    private bool HasFailed => _fault.HasFailed;

    // After the last of the response nothing is waited for, and the connection ends.
    private bool EndsWithThis => !_reply.Decision.KeepsOpen && (_reply.HasAnswer || _response.IsBodyTaken)
        && _request.IsBodyTaken && !_upload.IsRunning;

    private TransportConnection Client => _reply.Client;

    private TransportConnection Backend => _attempts.Connection.Transport;

    // (1) Take the request head, (2) route it, (3) pick a backend.

    /// <param name="received">From the first byte of the head.</param>
    /// <returns>How many of the received bytes are used up.</returns>
    public int Begin(
        TransportConnection client, ListenerPlan listener, in ClientStanding standing, ParseStatus parsed,
        ArraySegment<byte> received)
    {
        _reply.Begin(client, listener, standing);
        _worker.CountRequest(standing.IsReused);
        int consumed = _start.Take(parsed, received, standing);
        if (_start.Fault == ProxyFault.BadRequest)
        {
            _fault.FailRequest(_start.RequestFault);
        }
        else
        {
            _fault.Fail(_start.Fault);
        }

        if (client.IsPeerFinished)
        {
            OnClientFinished();
        }

        return consumed;
    }

    /// <summary>A head did not become whole in time: the answer is 408 (RFC 9110 section 15.5.9).</summary>
    public void BeginTimedOut(TransportConnection client, ListenerPlan listener)
    {
        _reply.Begin(client, listener, default);
        _request.Clear(_worker.Plan.Snapshot);
        _fault.Fail(ProxyFault.HeadTimedOut);
    }

    // (4) Lease a connection, once there is a place for the request.

    public ValueTask<bool> WaitForPlaceAsync()
    {
        if (Client.IsPeerFinished)
        {
            // A client that has gone would take a place from one that has not: it is not waited for.
            _fault.Fail(ProxyFault.QueueLeft);
        }

        return HasFailed ? new ValueTask<bool>(false) : _attempts.Choice.WaitAsync();
    }

    /// <summary>Takes what the wait for a place has brought.</summary>
    public void TakePlace(bool hasWaited)
    {
        if (hasWaited)
        {
            _fault.Fail(_attempts.TakePlace());
            _request.Readdress(_attempts.Backend);
        }
    }

    /// <summary>Takes the outcome of connecting to a backend.</summary>
    public void TakeConnection(in ConnectResult result)
    {
        if (HasFailed)
        {
            _attempts.DropConnection(result, _heads.CauseOf(_fault.BackendReason));
            return;
        }

        _fault.Fail(_attempts.TakeConnection(result));
        _request.Readdress(_attempts.Backend);
    }

    // (5) Send the request.

    /// <summary>Sends what there is of the request; what the backend does not take at once, the upload sends.</summary>
    public void Send()
    {
        _attempts.CountRequest();
        _heads.Begin();
        TakeSending(Backend.Output.WriteAsync(_request.First.Bytes));
    }

    /// <summary>Waits until the backend has taken the first piece. Once, and only when it did not at once.</summary>
    public ValueTask<FlushResult> FinishSendingAsync() => _sending;

    /// <summary>The backend has taken the first piece in the end.</summary>
    public void OnFirstPieceSent()
    {
        if (AwaitsHead)
        {
            _heads.RestartClock();
        }
    }

    private void TakeSending(ValueTask<FlushResult> sending)
    {
        if (!sending.IsCompleted)
        {
            _sending = sending;
            _request.First.IsSending = true;
            _upload.Start(_reply.Listener, Client, Backend);
        }
        else if (sending.GetAwaiter().GetResult().IsCompleted && _attempts.IsUnsent)
        {
            _fault.Fail(_heads.SendElsewhere());
        }
        else
        {
            FollowUp();
        }
    }

    private void FollowUp()
    {
        _request.OnFirstPieceTaken();
        if (!_request.IsBodyTaken)
        {
            _upload.Start(_reply.Listener, Client, Backend);
        }

        _heads.RestartClock();
    }

    // (6) Read response heads.

    public ValueTask<ReadResult> ReadResponseAsync()
    {
        Backend.ReadDeadlineTick = _heads.EndTick;
        return Backend.Input.ReadAsync();
    }

    /// <summary>Takes what the backend sent: an interim head, the final one, a part of one, or its end.</summary>
    public void TakeResponse(in ReadResult read)
    {
        if (HasFailed)
        {
            return;
        }

        bool waited = _request.WaitsForContinue;
        _fault.Fail(read.IsCanceled ? _heads.TakeTimeout() : _heads.Take(read));
        if (NeedsResponse && !AwaitsHead && _upload.IsRunning)
        {
            // It is sent again, from its first byte: what the upload waits for is not to come to the old connection.
            _upload.Stop();
        }

        if (waited && !_request.WaitsForContinue)
        {
            _upload.StartClock();
        }
    }

    public ValueTask<FlushResult> SendInterimAsync() => _reply.Timed(Client.Output.FlushAsync());

    public void TakeInterimSent(FlushResult sent)
    {
        _heads.HasInterim = false;
        _fault.TakeClientFlush(sent);
    }

    // (7) Relay the response, or answer ourselves.

    /// <summary>Makes an answer of our own when there is no response to relay.</summary>
    public void Settle() => _fault.Settle();

    public ValueTask<FlushResult> WriteAsync()
    {
        Client.IsEnding = EndsWithThis;
        return _reply.Timed(Client.Output.WriteAsync(_response.Output));
    }

    public void TakeWritten(FlushResult written)
    {
        _reply.HasAnswer = false;
        _response.Release();
        _fault.TakeClientFlush(written);
    }

    public ValueTask<ReadResult> ReadBodyAsync()
    {
        ValueTask<ReadResult> reading = Backend.Input.ReadAsync();
        if (!reading.IsCompleted)
        {
            Backend.ReadDeadlineTick = _worker.Loop.Wheel.TickAfter(Ticks.BackendBodyGap);
        }

        return reading;
    }

    public void TakeBody(in ReadResult read)
    {
        if (HasFailed)
        {
            return;
        }

        if (read.IsCanceled)
        {
            _fault.Fail(ProxyFault.ResponseStopped);
        }
        else if (!_response.TryTakeBody(read, isCleanEnd: read.IsCompleted && Backend.Error == 0))
        {
            _fault.Fail(_response.BodyFault != HttpFault.None ? ProxyFault.BadResponse : ProxyFault.ResponseCutShort);
        }
    }

    // (8) Both messages have ended, or never will.

    /// <summary>Ends the lease and stops what still runs for it; then wait for the upload before the rest.</summary>
    public void EndLease()
    {
        if (_attempts.HasLease && MayReturn())
        {
            _attempts.Return(_response.BackendKeepsOpen);
        }

        if (_upload.IsRunning)
        {
            _upload.Stop();
        }

        if (_attempts.HasLease)
        {
            _attempts.Discard(_heads.CauseOf(_fault.BackendReason));
        }

        _attempts.Choice.GivePlaceBack();
    }

    public ValueTask<bool> WaitForUploadAsync() => _upload.WaitForEndAsync();

    /// <summary>True when the connection could stay open but for body bytes that nobody wants any more.</summary>
    public bool HasUnwantedBody => !_request.IsBodyTaken && _fault.Decision.KeepsOpen;

    /// <summary>True when nothing of the request is left to read.</summary>
    public bool IsRequestTaken => _request.IsBodyTaken;

    /// <summary>Reads past a part of the body that nobody wants.</summary>
    /// <returns>False when the rest of it is not worth reading, or can never be whole.</returns>
    public bool TrySkipBody(in ReadResult read)
    {
        _worker.HeadInlet.Attach(_worker.Loop, Client.Input);
        return _request.TrySkip(_worker.HeadInlet, read);
    }

    /// <summary>Makes ready for the next request, of this client or of another.</summary>
    public PersistenceDecision End()
    {
        Debug.Assert(!_upload.IsRunning && !_attempts.HasLease, "What runs for an exchange ends before it.");
        PersistenceDecision decision = _fault.Decision with { Fault = _fault.OfRequest };
        _heads.Clear();
        _request.ReleaseFirstPiece();
        _response.Clear();
        _attempts.Clear();
        _upload.Clear();
        _reply.Clear();
        _fault.Clear();
        _sending = default;
        return decision;
    }

    /// <summary>A bug has ended the client's connection in the middle: the exchange must not be used again.</summary>
    public void Abandon()
    {
        _attempts.Abandon();
        _heads.CloseTunnel();
        _response.Abandon();
        if (_upload.IsRunning)
        {
            _upload.Stop();
        }

        // The connection that it was written to is closed: what still waits for that write lets it go afterwards.
        _request.ReleaseFirstPiece();
    }

    // What happens meanwhile.

    /// <summary>The client's connection is to end with this response, if its head has not gone yet.</summary>
    public void Drain() => _reply.Drain();

    /// <summary>The client has finished sending, as one does that goes away, too. RFC 9112 section 9.6: its request
    /// goes on, unless its listener has it otherwise; but it waits in no queue.</summary>
    public void OnClientFinished()
    {
        if (_attempts.Choice.IsWaiting)
        {
            _fault.Fail(ProxyFault.QueueLeft);
        }
        else if (NeedsResponse && _reply.Listener.AbortsOnClientClose)
        {
            _fault.LoseClient(CloseReason.ClientAborted);
        }
    }

    /// <summary>Ends whatever it waits for: its client is lost or given up.</summary>
    public void LoseClient(CloseReason reason) => _fault.LoseClient(reason);

    /// <summary>A client that was to be told to go on did not wait: from here on it is the body that is waited for.
    /// </summary>
    public void OnBodyArrived()
    {
        if (_request.WaitsForContinue)
        {
            _request.EndWaiting();
            OnFirstPieceSent();
        }
    }

    public void OnUploadEnded()
    {
        if (AwaitsHead)
        {
            _heads.StartClock();
            if (Client.IsPeerFinished)
            {
                OnClientFinished();
            }
        }
    }

    private bool MayReturn() =>
        _response is { HasBegun: true, IsBodyTaken: true, HasSurplus: false }
        && (_response.BackendKeepsOpen || !_attempts.Backend.PoolsConnections)
        && _request.IsBodyTaken && !_upload.IsBusy && !HasFailed;
}
