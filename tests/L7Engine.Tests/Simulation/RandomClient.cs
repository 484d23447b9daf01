using L7Engine.Tests.Support;
using L7Engine.Transport;

namespace L7Engine.Tests.Simulation;

/// <summary>One client connection: sends the requests of its plan, and checks every byte that it gets for them.</summary>
internal sealed class RandomClient
{
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(1);

    private readonly SimRun _run;
    private readonly ClientPlan _plan;
    private readonly Ticket[] _tickets;
    private readonly WireReader _wire = new();
    private readonly SimTimer _reading;
    private readonly SimTimer _impatience;
    private SimPeer _peer = null!;
    private PacedWriter _writer = null!;
    private byte[] _heldBody = [];
    private int _begun;
    private int _answered;
    private int _bodyBytes;
    private int _receivedBytes;
    private Framing _framing;
    private bool _hasHead;
    private bool _isTunnel;
    private bool _mustClose;
    private bool _hasFinished;

    public RandomClient(SimRun run, ClientPlan plan, Ticket[] tickets)
    {
        (_run, _plan, _tickets) = (run, plan, tickets);
        _reading = new SimTimer(run.Network.Scheduler, ResumeReading);
        _impatience = new SimTimer(run.Network.Scheduler, ReleaseBody);
        new SimTimer(run.Network.Scheduler, Start).After(plan.StartsAt);
    }

    /// <summary>Nothing more is to come of it.</summary>
    public bool IsDone { get; private set; }

    /// <summary>It has done what its fault says.</summary>
    public bool IsAtFault { get; private set; }

    private Ticket Current => _tickets[_answered];

    private ExchangePlan Plan => Current.Plan;

    private bool IsDelimited => _framing != Framing.UntilClose;

    public override string ToString() =>
        $"{_plan.Address}:{_peer?.Socket.Local.Port}: {_answered} answered, {_begun} begun of {_tickets.Length}, " +
        $"sent {_writer?.SentBytes}, in body: {_hasHead} {_bodyBytes}, tunnel: {_isTunnel}, {_plan.Fault}, {Plan}";

    private void Start()
    {
        _peer = _run.Connect(_plan.Address);
        _peer.OnReceived = _ => Take();
        _peer.OnEnded = _ => End();
        _writer = new PacedWriter(_run.Network, _peer, _run.Random, _plan.Pauses, _plan.MaxPause)
        {
            Limit = _plan.Fault == ClientFault.None ? int.MaxValue : _plan.FaultAtSent,
            LimitReached = Misbehave,
            Emptied = OnSent,
        };
        BeginNext();
    }

    // Sending.

    private void BeginNext()
    {
        bool isHeld = _heldBody.Length > 0 || !_writer.IsEmpty || _mustClose || _isTunnel || _hasFinished || IsDone;
        if (isHeld || _begun == _tickets.Length || _begun - _answered >= _plan.Depth)
        {
            return;
        }

        Ticket ticket = _tickets[_begun++];
        (byte[] bytes, int headBytes) = RequestText.Of(ticket, _run.Random);
        _run.Note($"client {_peer.Socket.Local.Port}: {ticket.Plan}");
        bool waits = ticket.Plan is { Expects: true, IsHttp10: false };
        _writer.Send(waits ? bytes[..headBytes] : bytes);
        if (waits)
        {
            _heldBody = bytes[headBytes..];
        }

        if (ticket.Plan is { Ask: Ask.Upgrade, Status: 101 } && _run.Random.Chance(0.3))
        {
            SendTunnel(ticket.Plan);
        }
    }

    private void OnSent()
    {
        if (_heldBody.Length > 0 && _plan.IsImpatient)
        {
            _impatience.After(Impatience);
        }

        bool isAllSent = _begun == _tickets.Length && _heldBody.Length == 0;
        bool endsTunnel = isAllSent && _sentTunnel;
        if (endsTunnel || (isAllSent && _plan.Farewell == Farewell.HalfCloseAfterLast && _tickets[^1].Plan.Ask != Ask.Upgrade))
        {
            _hasFinished = true;
            if (_run.Plan.Places > 0)
            {
                // Whoever finishes waits in no queue: it may be answered 503, and then not any more.
                _run.MarkAtFault(_tickets);
            }

            _peer.HalfClose();
            if (_isTunnel && _peer.IsFinished)
            {
                CloseTunnel();
            }
        }

        BeginNext();
    }

    private void ReleaseBody()
    {
        byte[] body = _heldBody;
        _heldBody = [];
        if (!_mustClose)
        {
            _writer.Send(body);
        }

        if (body.Length > 0 && _writer.IsEmpty)
        {
            OnSent();
        }
    }

    private bool _sentTunnel;

    private void SendTunnel(ExchangePlan plan)
    {
        if (!_sentTunnel)
        {
            _sentTunnel = true;
            _writer.Send(Pattern.Of(plan.Id, Content.TunnelUp, SimRun.TunnelUpBytes(plan)));
        }
    }

    private void Misbehave()
    {
        if (IsAtFault)
        {
            return;
        }

        IsAtFault = true;
        _run.MarkAtFault(_tickets);
        _run.Note($"client {_peer.Socket.Local.Port}: {_plan.Fault}");
        _writer.Stop();
        switch (_plan.Fault)
        {
            case ClientFault.Reset:
                _peer.Reset();
                Finish();
                break;
            case ClientFault.Close:
                _peer.Close();
                Finish();
                break;
            case ClientFault.HalfClose:
                _hasFinished = true;
                _peer.HalfClose();
                if (_isTunnel && _peer.IsFinished)
                {
                    CloseTunnel();
                }

                break;
            case ClientFault.Vanish:
                _peer.Socket.In.Stall();
                _peer.Socket.Out.Stall();
                Finish();
                break;
        }
    }

    // Receiving.

    private void Take()
    {
        _receivedBytes += _peer.Received.Length;
        _wire.Feed(_peer.Received);
        _peer.Clear();
        while (!IsDone && Step())
        {
        }

        if (_receivedBytes >= _plan.FaultAtReceived && _plan.Fault != ClientFault.None && !IsDone)
        {
            Misbehave();
        }
        else if (_plan.ReadsSlowly && !IsDone && _run.Random.Chance(0.3))
        {
            _peer.PauseReading();
            _reading.After(TimeSpan.FromMilliseconds(_run.Random.Next(500)));
        }
    }

    private void ResumeReading()
    {
        if (!_peer.IsClosed)
        {
            _peer.ResumeReading();
        }
    }

    private bool Step()
    {
        if (_isTunnel)
        {
            TakeTunnel();
            return false;
        }

        return _hasHead ? TakeBody() : TakeHead();
    }

    private bool TakeHead()
    {
        if (!_wire.TryTakeHead(out WireHead? head))
        {
            return false;
        }

        if (_answered >= _begun)
        {
            throw new SimulationException($"A response to nothing, on {this}: {head}");
        }

        if (head.Status is >= 100 and < 200 and not 101)
        {
            ResponseCheck.CheckInterim(Current, head);
            if (head.Status == 100)
            {
                ReleaseBody();
            }

            return true;
        }

        BeginResponse(head);
        return true;
    }

    private void BeginResponse(WireHead head)
    {
        (_framing, int length) = ResponseCheck.CheckFinal(_run, Current, head);
        _isOwn = head.Field("X-Id") is null;
        _mustClose = head.Status != 101 && ResponseCheck.Closes(Plan, head);
        CheckClose(head);
        _hasHead = true;
        _bodyBytes = 0;
        _wire.BeginBody(_framing, length);
        if (head.Status == 101)
        {
            _isTunnel = true;
            SendTunnel(Plan);
            if (_writer.IsEmpty)
            {
                OnSent();
            }
        }
    }

    private bool _isOwn;

    // A connection closes for a reason, or stays open.
    private void CheckClose(WireHead head)
    {
        bool isLimit = _run.Plan.MaxRequests > 0 && _answered + 1 >= _run.Plan.MaxRequests;
        bool mayClose = Plan.IsLast || isLimit || _framing == Framing.UntilClose || _isOwn || Plan.When == AnswerTime.AtHead
            || Plan.Expects || _hasFinished || _run.Plan.PersistentCap > 0 || _run.IsDraining || _run.ExcuseOf(Current) != Excuse.None;
        if (_mustClose && !mayClose)
        {
            throw new SimulationException($"The connection of {this} is to close without a reason: {head}");
        }

        if (isLimit && !_mustClose && head.Status != 101)
        {
            throw new SimulationException($"The connection of {this} has had its requests and stays open: {head}");
        }
    }

    private bool TakeBody()
    {
        ReadOnlySpan<byte> bytes = _wire.TakeBody(out bool isEnd);
        int stranger = _isOwn ? -1 : Pattern.FindStranger(bytes, Plan.Id, Content.Response, _bodyBytes);
        _bodyBytes += bytes.Length;
        if (stranger >= 0)
        {
            throw new SimulationException($"A stranger's byte at {stranger} in the response to {Plan}");
        }

        if (isEnd)
        {
            FinishResponse();
        }

        return isEnd || !bytes.IsEmpty;
    }

    private void FinishResponse()
    {
        // Nobody can tell the end of a body that ends with its connection from a backend that stopped in the middle.
        bool mayBeShort = Plan is
        {
            AnswerFraming: Framing.UntilClose, Fault: BackendFault.CloseInAnswer or BackendFault.CloseAtEnd,
        };
        if (!_isOwn && Plan.AnswerHasBody && !mayBeShort && _bodyBytes != Plan.AnswerBytes)
        {
            throw new SimulationException($"The response to {Plan} has {_bodyBytes} bytes of {Plan.AnswerBytes}.");
        }

        CheckTrailers();
        _run.Tally.Count(_isOwn);
        bool wasEarly = Plan.When == AnswerTime.AtHead || _isOwn;
        _mayEndAnyway |= wasEarly;
        _answered++;
        _hasHead = false;
        if (_answered == _tickets.Length)
        {
            SayFarewell();
            return;
        }

        if (_heldBody.Length > 0 && _begun == _answered && !_mustClose)
        {
            // The connection goes on: then the body that was asked for nothing has to go out, too.
            ReleaseBody();
        }

        BeginNext();
    }

    private bool _mayEndAnyway;

    private void CheckTrailers()
    {
        bool hasThem = _framing == Framing.Chunked && Plan is { AnswerHasTrailers: true, TakesTrailers: true }
            && Plan.AnswerFraming == Framing.Chunked && !_isOwn;
        string? expected = hasThem ? $"X-Trailer: {Plan.Id}" : null;
        if (_framing == Framing.Chunked && _wire.Trailers?.StartLine != expected)
        {
            throw new SimulationException($"The response to {Plan} has the trailers '{_wire.Trailers}', not '{expected}'.");
        }
    }

    private void SayFarewell()
    {
        if (_plan.Farewell == Farewell.Close || _mustClose)
        {
            _writer.Stop();
            _peer.Close();
        }

        Finish();
    }

    private void TakeTunnel()
    {
        ReadOnlySpan<byte> bytes = _wire.TakeAll();
        int stranger = Pattern.FindStranger(bytes, Plan.Id, Content.TunnelDown, _bodyBytes);
        _bodyBytes += bytes.Length;
        if (stranger >= 0 || _bodyBytes > Plan.AnswerBytes)
        {
            throw new SimulationException($"The tunnel of {Plan} brings a stranger's byte at {stranger}, of {_bodyBytes}.");
        }
    }

    // The end.

    private void End()
    {
        if (IsDone)
        {
            return;
        }

        _run.Note($"client {_peer.Socket.Local.Port}: end {_peer.Error}");
        if (_isTunnel)
        {
            EndTunnel();
            return;
        }

        _writer.Stop();
        if (_hasHead)
        {
            EndInBody();
        }
        else
        {
            CheckUnanswered(_answered);
        }

        if (!_peer.IsClosed)
        {
            _peer.Close();
        }

        Finish();
        if (_mustClose && !IsAtFault)
        {
            _run.GoOn(_plan, _tickets[Math.Max(_begun, _answered)..]);
        }
    }

    private void EndTunnel()
    {
        if (_bodyBytes < Plan.AnswerBytes && _run.MustBeWhole(Current))
        {
            throw new SimulationException($"The tunnel of {Plan} ends after {_bodyBytes} bytes down, with {_peer.Error}.");
        }

        if (_peer.Error == 0 && !_hasFinished)
        {
            // The other direction goes on: it ends with our FIN.
            return;
        }

        _writer.Stop();
        _peer.Close();
        CloseTunnel();
    }

    private void CloseTunnel()
    {
        _run.Tally.Tunnels++;
        Finish();
    }

    private void EndInBody()
    {
        // After a FIN an RST shows only to whoever still writes: nothing of the response is missing.
        bool isCut = IsDelimited || _peer.Error == ErrorNumber.ConnectionReset;
        if (isCut && _run.ExcuseOf(Current) != Excuse.Anything)
        {
            throw new SimulationException($"The response to {Plan} is cut after {_bodyBytes} bytes, with {_peer.Error}.");
        }

        if (isCut)
        {
            _run.Tally.Cut++;
            CheckUnanswered(_answered + 1);
        }
        else
        {
            FinishResponse();
        }
    }

    private void CheckUnanswered(int first)
    {
        for (int i = first; i < _begun; i++)
        {
            _run.Tally.Unanswered++;
            bool isExplained = _mustClose || _mayEndAnyway || _hasHead || (_hasFinished && i > 0)
                || _run.ExcuseOf(_tickets[i]) != Excuse.None
                || (i > first && _run.ExcuseOf(_tickets[first]) != Excuse.None);
            if (!isExplained)
            {
                throw new SimulationException($"Nothing came for {_tickets[i].Plan}, with {_peer.Error}: {this}");
            }
        }
    }

    private void Finish() => IsDone = true;
}
