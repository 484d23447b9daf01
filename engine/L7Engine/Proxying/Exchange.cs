using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>One request and its response.</summary>
/// <remarks>
/// <code>
///   client ──(1)──► engine ──(4,5)──► backend
///   client ◄──(7)── engine ◄───(6)─── backend
/// </code>
/// Not thread-safe: the loop's thread owns it. Its steps are synchronous: the task of the client's connection holds
/// every await and closes every connection; a second task, <see cref="Upload"/>, sends a body that is still arriving.
/// The first cause of a failure is the one that counts; what comes after it only ends what still waits.
/// </remarks>
internal sealed class Exchange
{
    private readonly Worker _worker;
    private readonly RequestForwarding _request;
    private readonly ResponseForwarding _response;
    private readonly BackendAttempts _attempts;
    private readonly Upload _upload;
    private TransportConnection _client = null!;
    private ListenerPlan _listener = null!;
    private ClientStanding _standing;
    private HttpFault _requestFault;
    private ProxyFault _fault;
    private CloseReason _cutReason;
    private int _interimCount;
    private bool _wasContinued;
    private bool _isAnswered;

    public Exchange(Worker worker)
    {
        _worker = worker;
        _request = new RequestForwarding(worker);
        _response = new ResponseForwarding(worker);
        _attempts = new BackendAttempts(worker);
        _upload = new Upload(worker, this, _request);
    }

    public BackendAttempts Attempts => _attempts;

    /// <summary>True while the request has to be sent, to the first backend or to another.</summary>
    public bool NeedsResponse => _fault == ProxyFault.None && !_response.HasBegun && !_isAnswered && Tunnel is null;

    /// <summary>True while the final response head is to come on the connection the request was sent on.</summary>
    public bool AwaitsHead => NeedsResponse && _attempts.HasLease;

    /// <summary>True when an interim response lies in the client's writer.</summary>
    public bool HasInterim { get; private set; }

    /// <summary>True when there is something to write to the client.</summary>
    public bool HasOutput => _response.HasOutput || _isAnswered;

    /// <summary>True when the response goes on and its next piece has to be read first.</summary>
    public bool NeedsBody => _response is { HasBegun: true, HasOutput: false, IsBodyTaken: false }
        && _fault == ProxyFault.None && _cutReason == CloseReason.None;

    /// <summary>Set by a 101 that was asked for: from then on the bytes are opaque.</summary>
    public Tunnel? Tunnel { get; private set; }

    /// <summary>Whether the client's connection stays open, and if not, why.</summary>
    public PersistenceDecision Decision { get; private set; }

    /// <summary>True when the response was cut short, and only a reset can show that to the client.</summary>
    public bool MustReset => IsCut && _response.EndsWithClose;

    public bool IsUploading => _upload.IsRunning;

    private bool IsCut => _response.HasBegun && (_cutReason != CloseReason.None || _fault != ProxyFault.None);

    private TransportConnection Backend => _attempts.Connection.Transport;

    private TimeoutTicks Ticks => _worker.Snapshot.Ticks;

    private long NowTick => _worker.Loop.NowTick;

    // (1) The request head is whole, or can never be valid.

    /// <param name="received">From the first byte of the head.</param>
    /// <returns>How many of the received bytes are used up.</returns>
    public int Begin(
        TransportConnection client, ListenerPlan listener, in ClientStanding standing, ParseStatus parsed,
        ArraySegment<byte> received)
    {
        (_client, _listener, _standing) = (client, listener, standing);
        CountRequest();
        RequestHead head = _worker.RequestHead;
        _request.TakeFacts(head);
        if (parsed == ParseStatus.Invalid)
        {
            FailRequest(head.Fault);

            // A head that was understood and refused has an end, and what follows it is another request's.
            return head.TotalBytes > 0 ? head.TotalBytes : received.Count;
        }

        HttpFault fault = FaultOf(head, received);
        if (fault != HttpFault.None)
        {
            FailRequest(fault);
        }
        else if (head.IsServerWide || head.MaxForwards == 0)
        {
            // RFC 9110 sections 7.6.2 and 9.3.7: we are the last that may answer.
            Answer(200, mustClose: false, new AnswerExtras(WithAllow: true), withBody: false);
        }
        else if (TryRoute(head, received, out RoutePlan? route))
        {
            return Rewrite(head, received, route);
        }

        return head.TotalBytes;
    }

    private HttpFault FaultOf(RequestHead head, ReadOnlySpan<byte> received)
    {
        if (_listener.Via.Length > 0 && head.HasViaToken(received, _worker.Snapshot.ViaToken.Bytes))
        {
            return HttpFault.RequestLoop;
        }

        return _request.IsTooLarge ? HttpFault.BodyTooLarge : HttpFault.None;
    }

    /// <summary>A head did not become whole in time: the answer is 408 (RFC 9110 section 15.5.9).</summary>
    public void BeginTimedOut(TransportConnection client, ListenerPlan listener)
    {
        (_client, _listener) = (client, listener);
        _request.Clear();
        Fail(ProxyFault.HeadTimedOut);
    }

    // (2) Route it, (3) pick a backend.
    private bool TryRoute(
        RequestHead head, ReadOnlySpan<byte> received, [NotNullWhen(true)] out RoutePlan? route)
    {
        int index = _worker.FindRoute(head, received);
        route = index < 0 ? null : _worker.Snapshot.Routes[index];
        if (route is null)
        {
            Fail(ProxyFault.NoRoute);
        }
        else if (!_attempts.TryBegin(route.Group))
        {
            Fail(ProxyFault.NoBackend);
            route = null;
        }

        return route is not null;
    }

    private int Rewrite(RequestHead head, ArraySegment<byte> received, RoutePlan route)
    {
        int consumed = _request.Take(
            head, received, _client.RemoteAddress, _standing.IsTrusted, _listener, route, _attempts.Backend);
        if (_request.BodyFault != HttpFault.None)
        {
            FailRequest(_request.BodyFault);
        }

        return consumed;
    }

    // (4) Lease a connection.

    /// <summary>Takes the outcome of connecting to a backend.</summary>
    public void TakeConnection(in ConnectResult result)
    {
        Fail(_attempts.TakeConnection(result));
        _request.Readdress(_attempts.Backend);
    }

    // (5) Send the request.

    public ValueTask<FlushResult> SendAsync()
    {
        _attempts.CountRequest();
        _response.Attach(Backend.Input);
        return Backend.Output.WriteAsync(_request.FirstPiece);
    }

    public void TakeSent(FlushResult sent)
    {
        if (_fault != ProxyFault.None)
        {
            return;
        }

        if (sent.IsCanceled)
        {
            Fail(ProxyFault.SendTimedOut);
        }
        else if (sent.IsCompleted && _attempts.IsUnsent)
        {
            SendElsewhere();
        }
        else
        {
            FollowUp();
        }
    }

    private void SendElsewhere()
    {
        if (_attempts.TryAgainUnsent())
        {
            _request.Readdress(_attempts.Backend);
        }
        else
        {
            Fail(ProxyFault.ConnectFailed);
        }
    }

    private void FollowUp()
    {
        if (!_request.CanReplay)
        {
            _request.ReleaseFirstPiece();
        }

        if (!_request.IsBodyTaken)
        {
            _upload.Start(_client, Backend);
        }

        // While the body is on its way the backend is not waited for; but a client that waits for 100 sends no body.
        if (_request.IsBodyTaken || _request.ExpectsContinue)
        {
            StartResponseClock();
        }
    }

    private void StartResponseClock() => Backend.ReadDeadlineTick = NowTick + Ticks.BackendResponse;

    // (6) Read response heads.

    public ValueTask<ReadResult> ReadResponseAsync() => Backend.Input.ReadAsync();

    /// <summary>Takes what the backend sent: an interim head, the final one, a part of one, or its end.</summary>
    public void TakeResponse(in ReadResult read)
    {
        if (_fault != ProxyFault.None)
        {
            return;
        }

        if (read.IsCanceled)
        {
            Fail(ProxyFault.ResponseTimedOut);
            return;
        }

        switch (_response.TakeRead(read, _request.Method))
        {
            case ResponseStep.Head:
                TakeHead(_worker.ResponseHead, isCleanEnd: read.IsCompleted && Backend.Error == 0);
                break;
            case ResponseStep.Ended:
                TakeEarlyEnd();
                break;
            case ResponseStep.Malformed:
                Fail(ProxyFault.BadResponse);
                break;
        }
    }

    private void TakeHead(ResponseHead head, bool isCleanEnd)
    {
        _request.ReleaseFirstPiece();
        if (head.IsInterim)
        {
            TakeInterim(head);
        }
        else if (head.Status == 101)
        {
            TakeSwitch(head);
        }
        else
        {
            TakeFinal(head, isCleanEnd);
        }
    }

    private void TakeEarlyEnd()
    {
        bool mayRepeat = _request is { CanReplay: true, IsRepeatable: true } && _interimCount == 0;
        if (!mayRepeat || !_attempts.TryAgainOnFresh())
        {
            Fail(ProxyFault.ClosedBeforeResponse);
        }
    }

    // RFC 9110 section 15.2: interim responses are passed on, but not to a 1.0 client, which knows none.
    private void TakeInterim(ResponseHead head)
    {
        if (++_interimCount > _worker.Snapshot.Limits.MaxInterimResponses)
        {
            Fail(ProxyFault.BadResponse);
            return;
        }

        _wasContinued |= head.Status == 100;
        HasInterim = _request.Version == HttpVersion.Http11;
        if (HasInterim)
        {
            var rewrite = new ResponseRewrite { ClientVersion = _request.Version, Via = _listener.Via };
            _response.PutHead(rewrite, _client.Output);
        }
        else
        {
            _response.PassHead();
        }

        Backend.ReadDeadlineTick = _request.IsBodyTaken ? NowTick + Ticks.BackendResponse : TimerWheel.Never;
    }

    public void TakeInterimSent(FlushResult sent)
    {
        HasInterim = false;
        TakeClientFlush(sent);
    }

    // RFC 9110 section 7.8: only a protocol that was asked for, and only by 101.
    private void TakeSwitch(ResponseHead head)
    {
        bool matches = _request.UpgradeIndex >= 0
            && _response.UpgradeIndexIn(_listener) == _request.UpgradeIndex;
        if (!matches)
        {
            Fail(ProxyFault.BadResponse);
            return;
        }

        if (!_worker.TryOpenTunnel())
        {
            Fail(ProxyFault.TooManyTunnels);
            return;
        }

        var rewrite = new ResponseRewrite { ClientVersion = _request.Version, KeepUpgrade = true, Via = _listener.Via };
        _response.PutHead(rewrite, _client.Output);
        _worker.Counters.AddResponse(head.Status, isOurs: false);
        Tunnel = new Tunnel(_client, Backend, Ticks.TunnelIdle);
        Decision = new PersistenceDecision(CloseReason.TunnelClosed);
    }

    private void TakeFinal(ResponseHead head, bool isCleanEnd)
    {
        bool keepsTrailers = _request.AcceptsTrailers;
        BodyFraming sent = _response.Begin(_request.Version, keepsTrailers);
        Decide(isDelimited: !_response.EndsWithClose, mustClose: false);
        bool keepsOpen = Decision.KeepsOpen;
        var rewrite = new ResponseRewrite
        {
            ClientVersion = _request.Version,
            Date = _worker.Date,
            SentFraming = sent,
            Close = !keepsOpen,
            AnnounceKeepAlive = keepsOpen && (_listener.AnnouncesKeepAlive || _request.Version == HttpVersion.Http10),
            KeepAliveParameters = keepsOpen ? _listener.KeepAliveParameters : [],
            Via = _listener.Via,
            IsHeadRequest = _request.Method == KnownMethod.Head,
            KeepTrailers = keepsTrailers,
        };
        if (_response.TryTakeHead(rewrite, isCleanEnd, _client.Output))
        {
            _worker.Counters.AddResponse(head.Status, isOurs: false);
        }
        else
        {
            Fail(ProxyFault.BadResponse);
        }
    }

    // (7) Relay the response, or answer ourselves.

    /// <summary>Makes an answer of our own when there is no response to relay.</summary>
    public void Settle()
    {
        if (_fault is ProxyFault.None or ProxyFault.ClientGone || _isAnswered || _response.HasBegun)
        {
            return;
        }

        bool isBad = _fault == ProxyFault.BadRequest;
        int status = isBad ? _requestFault.StatusCode : _fault.StatusCode;
        bool mustClose = isBad ? _requestFault.ClosesConnection || !_request.IsBodyTaken : _fault.ClosesClient;
        var extras = new AnswerExtras(WithAllow: status == 405, RetryAfterSeconds: status == 503 ? 1 : 0);
        Answer(status, mustClose, extras, withBody: _request.Method != KnownMethod.Head);
    }

    public ValueTask<FlushResult> WriteAsync() => _client.Output.WriteAsync(_response.Output);

    public void TakeWritten(FlushResult written)
    {
        _isAnswered = false;
        _response.Release();
        TakeClientFlush(written);
    }

    public ValueTask<ReadResult> ReadBodyAsync()
    {
        ValueTask<ReadResult> reading = Backend.Input.ReadAsync();
        if (!reading.IsCompleted)
        {
            Backend.ReadDeadlineTick = NowTick + Ticks.BackendBodyGap;
        }

        return reading;
    }

    public void TakeBody(in ReadResult read)
    {
        if (_fault != ProxyFault.None)
        {
            return;
        }

        if (read.IsCanceled)
        {
            _cutReason = CloseReason.BackendBodyTimeout;
        }
        else if (!_response.TryTakeBody(read, isCleanEnd: read.IsCompleted && Backend.Error == 0))
        {
            _cutReason = read.IsCompleted ? CloseReason.BackendTruncated : CloseReason.BackendProtocolError;
        }
    }

    // (8) Both messages have ended, or never will.

    /// <summary>Ends the lease and stops what still runs for it; then wait for the upload before the rest.</summary>
    public void EndLease()
    {
        if (_attempts.HasLease && MayReturn())
        {
            Backend.ReadDeadlineTick = TimerWheel.Never;
            _attempts.Return();
        }

        if (_upload.IsRunning)
        {
            _upload.Stop();
        }

        _attempts.Discard(BackendReason());
    }

    public ValueTask<bool> WaitForUploadAsync() => _upload.WaitForEndAsync();

    /// <summary>True when the connection could stay open but for body bytes that nobody wants any more.</summary>
    public bool HasUnwantedBody => Decision.KeepsOpen && !_request.IsBodyTaken;

    /// <summary>Reads past a part of the body that nobody wants.</summary>
    /// <returns>How many bytes of it are used up, or -1 when its framing is malformed.</returns>
    public int SkipBody(ArraySegment<byte> received)
    {
        RelayedPiece piece = _request.TakeBody(received);
        return _request.BodyFault == HttpFault.None ? piece.ConsumedBytes : -1;
    }

    /// <summary>Makes ready for the next request, of this client or of another.</summary>
    public PersistenceDecision End()
    {
        Debug.Assert(!_upload.IsRunning && !_attempts.HasLease);
        PersistenceDecision decision = FinalDecision();
        if (Tunnel is not null)
        {
            _worker.CloseTunnel();
        }

        _request.ReleaseFirstPiece();
        _response.Clear();
        _attempts.Clear();
        (Tunnel, _client, _listener, Decision) = (null, null!, null!, default);
        (_fault, _requestFault, _cutReason, _interimCount) = (ProxyFault.None, HttpFault.None, CloseReason.None, 0);
        (_wasContinued, _isAnswered, HasInterim) = (false, false, false);
        return decision;
    }

    // What goes wrong, from whichever task or event.

    /// <summary>
    /// Notes the first cause of failure and ends what waits. Connections are closed by their owner, later.
    /// </summary>
    public void Fail(ProxyFault fault)
    {
        if (_fault != ProxyFault.None || fault == ProxyFault.None)
        {
            return;
        }

        _fault = fault;
        if (_attempts.HasLease)
        {
            Backend.Input.CancelPendingRead();
            Backend.Output.CancelPendingFlush();
        }

        _worker.LogFault(_client.RemoteAddress, fault);
    }

    /// <summary>Ends whatever the exchange waits for: its client is given up.</summary>
    public void Cut()
    {
        Fail(ProxyFault.ClientGone);
        Tunnel?.Cut();
    }

    /// <summary>
    /// A bug has ended the client's connection in the middle: what the exchange holds must not be used again.
    /// </summary>
    public void Abandon() => _attempts.Discard(CloseReason.EngineFault);

    /// <summary>The request breaks a rule of HTTP.</summary>
    public void FailRequest(HttpFault fault)
    {
        if (_fault == ProxyFault.None)
        {
            _requestFault = fault;
        }

        Fail(ProxyFault.BadRequest);
    }

    public void FailUpload(Exception bug)
    {
        _worker.ReportBug(bug, default);
        Fail(ProxyFault.ClientGone);
    }

    public void OnUploadEnded()
    {
        if (AwaitsHead && _request.IsBodyTaken)
        {
            StartResponseClock();
        }
    }

    private void TakeClientFlush(FlushResult written)
    {
        if (written.IsCanceled && _fault == ProxyFault.None)
        {
            _cutReason = CloseReason.SendTimeout;
            Fail(ProxyFault.ClientGone);
        }
        else if (written.IsCompleted)
        {
            Fail(ProxyFault.ClientGone);
        }
    }

    private void Answer(int status, bool mustClose, AnswerExtras extras, bool withBody)
    {
        Decide(isDelimited: true, mustClose);
        PipeWriter output = _client.Output;
        Span<byte> room = output.GetSpan(AnswerWriter.MaxBytes);
        output.Advance(AnswerWriter.Write(room, status, _worker.Date, !Decision.KeepsOpen, withBody, extras));
        _isAnswered = true;
        _worker.Counters.AddResponse(status, isOurs: true);
    }

    private void Decide(bool isDelimited, bool mustClose)
    {
        var facts = new PersistenceFacts(
            _request.Version,
            AsksClose: _request.AsksClose,
            AsksKeepAlive: _request.AsksKeepAlive,
            IsBodyRead: IsBodyReadInTime(),
            IsDelimited: isDelimited,
            MustClose: mustClose,
            IsPeerFinished: _client.IsPeerFinished,
            IsEnabled: _listener.Persists,
            IsLastRequest: _standing.IsLastRequest,
            IsTooOld: _standing.IsTooOld,
            IsDraining: _worker.IsDraining);
        Decision = PersistenceDecision.Of(facts);
    }

    // A client that was never told to go on may or may not send its body: its next byte could be either.
    private bool IsBodyReadInTime() => _request.IsBodyTaken
        || ((!_request.ExpectsContinue || _wasContinued) && (_request.BodyBytesLeft ?? 0) <= Worker.MaxUnwantedBytes);

    private bool MayReturn() =>
        _response is { HasBegun: true, IsBodyTaken: true, HasSurplus: false, BackendKeepsOpen: true }
        && _request.IsBodyTaken && !_upload.IsRunning && _fault == ProxyFault.None && _cutReason == CloseReason.None;

    private CloseReason BackendReason() => this switch
    {
        { _fault: not ProxyFault.None } => _fault.BackendReason,
        { _cutReason: not CloseReason.None } => _cutReason,
        { Tunnel: not null } => CloseReason.TunnelClosed,
        { _response.HasSurplus: true } => CloseReason.BackendSentUnasked,
        { _response.BackendKeepsOpen: false } => CloseReason.BackendAskedClose,
        _ => CloseReason.ExchangeAborted,
    };

    private PersistenceDecision FinalDecision() => this switch
    {
        { Tunnel: { } tunnel } => new PersistenceDecision(tunnel.Reason),
        { _cutReason: not CloseReason.None } => new PersistenceDecision(_cutReason),
        { _fault: ProxyFault.ClientGone } => new PersistenceDecision(CloseReason.ClientAborted),
        { _response.HasBegun: true, _fault: not ProxyFault.None } => new PersistenceDecision(_fault.ClientReason),
        _ => Decision,
    };

    private void CountRequest()
    {
        _worker.Counters.Add(LoopCounter.Requests);
        if (_standing.IsReused)
        {
            _worker.Counters.Add(LoopCounter.RequestsOnReusedClients);
        }
    }
}
