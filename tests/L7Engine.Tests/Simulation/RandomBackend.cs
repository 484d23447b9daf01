using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>A backend's side of one connection: takes requests one by one and does with each what its plan says.</summary>
internal sealed class RandomBackend
{
    private readonly SimRun _run;
    private readonly SimPeer _peer;
    private readonly WireReader _wire = new();
    private readonly PacedWriter _writer;
    private readonly SimTimer _idle;
    private readonly SimTimer _again;
    private Ticket? _ticket;
    private int _bodyBytes;
    private int _tunnelBytes;
    private int _answerStart;
    private bool _isBodyWhole;
    private bool _answers;
    private bool _closes;
    private bool _isTunnel;
    private bool _isOver;

    public RandomBackend(SimRun run, SimPeer peer)
    {
        (_run, _peer) = (run, peer);
        peer.OnReceived = _ => Take();
        peer.OnEnded = _ => End();
        bool isSlow = run.Random.Chance(0.3);
        _writer = new PacedWriter(run.Network, peer, run.Random, isSlow ? 0.3 : 0, TimeSpan.FromMilliseconds(200))
        {
            Emptied = OnAnswered,
        };
        _idle = new SimTimer(run.Network.Scheduler, LeaveIdle);
        _again = new SimTimer(run.Network.Scheduler, Take);
    }

    private ExchangePlan Plan => _ticket!.Plan;

    private void Take()
    {
        _wire.Feed(_peer.Received);
        _peer.Clear();
        while (!_isOver && Step())
        {
        }
    }

    private bool Step()
    {
        if (_isTunnel)
        {
            TakeTunnel();
            return false;
        }

        if (_ticket is null)
        {
            return TakeHead();
        }

        return _isBodyWhole ? LeaveRest() : TakeBody();
    }

    private bool TakeHead()
    {
        if (!_wire.TryTakeHead(out WireHead? head))
        {
            return false;
        }

        _ticket = RequestCheck.Identify(_run, head);
        _run.Note($"backend {_peer.Socket.Remote.Port}: head of {Plan.Id}");
        (_bodyBytes, _isBodyWhole, _answers) = (0, false, false);
        _closes = Plan.AnswerCloses || head.HasOption("close") || (Plan is { AnswerFraming: Framing.UntilClose, AnswerHasBody: true });
        _wire.BeginBody(Plan.RequestFraming, Plan.RequestBytes);
        if (Plan.Fault == BackendFault.ResetAtHead)
        {
            Fail(reset: true);
        }
        else if (Plan.When == AnswerTime.AtHead)
        {
            Answer();
        }
        else if (head.Field("Expect") is not null)
        {
            _writer.Send(AnswerText.ContinueOf(Plan));
        }

        return true;
    }

    private bool TakeBody()
    {
        ReadOnlySpan<byte> bytes = _wire.TakeBody(out bool isEnd);
        int stranger = Pattern.FindStranger(bytes, Plan.Id, Content.Request, _bodyBytes);
        _bodyBytes += bytes.Length;
        if (stranger >= 0 || _bodyBytes > Plan.RequestBytes || (isEnd && _bodyBytes != Plan.RequestBytes))
        {
            throw new SimulationException(
                $"The body of request {Plan.Id} is wrong at {stranger}; {_bodyBytes} of {Plan.RequestBytes}, end: {isEnd}.");
        }

        if (isEnd)
        {
            RequestCheck.CheckTrailers(_run, _ticket!, _wire.Trailers);
            _isBodyWhole = true;
            OnRequestWhole();
        }

        return isEnd || !bytes.IsEmpty;
    }

    // What comes while a request is answered: nothing, unless the engine cannot know that the answer goes on.
    private bool LeaveRest()
    {
        bool mayCome = _answers && (Plan.Status == 101 || Plan.Fault == BackendFault.Surplus);
        return _wire.HasBytes && !mayCome
            ? throw new SimulationException($"Bytes came behind request {Plan.Id} while it is answered.")
            : false;
    }

    private void OnRequestWhole()
    {
        switch (Plan.Fault)
        {
            case BackendFault.ResetAtEnd:
                Fail(reset: true);
                break;
            case BackendFault.CloseAtEnd:
                Fail(reset: false);
                break;
            default:
                if (!_answers)
                {
                    Answer();
                }
                else if (_writer.IsEmpty)
                {
                    OnAnswered();
                }

                break;
        }
    }

    private void Answer()
    {
        _answers = true;
        byte[] answer = AnswerText.Of(Plan, _closes, _run.Random);
        bool canTrail = Plan.Status != 101 && !(Plan is { AnswerFraming: Framing.UntilClose, AnswerHasBody: true });
        _answerStart = _writer.SentBytes;
        _writer.Limit = int.MaxValue;
        switch (Plan.Fault)
        {
            case BackendFault.Garbage:
                Spoil(AnswerText.Garbage(_run.Random));
                break;
            case BackendFault.BothLengths:
                Spoil(AnswerText.BothLengths(Plan));
                break;
            case BackendFault.CloseInAnswer or BackendFault.ResetInAnswer or BackendFault.Halt:
                _writer.Limit = _answerStart + (answer.Length * Plan.FaultPlace / 1000);
                _writer.LimitReached = OnFaultPlace;
                Spoil(answer);
                break;
            case BackendFault.Surplus when canTrail:
                _run.HasGarbage = true;
                _writer.Send([.. answer, .. AnswerText.Garbage(_run.Random)]);
                break;
            case BackendFault.AnswerTwice when canTrail && _run.Plan.IsSmooth && answer.Length < 4_000:
                // In one piece, so that the second one is there before the first can have been passed on.
                _peer.Send([.. answer, .. answer]);
                OnAnswered();
                break;
            default:
                _writer.Send(answer);
                break;
        }
    }

    private void Spoil(byte[] answer)
    {
        _ticket!.IsSpoilt = true;
        _writer.Send(answer);
    }

    private void OnFaultPlace()
    {
        _run.Note($"backend {_peer.Socket.Remote.Port}: {Plan.Fault} in the answer to {Plan.Id}");
        if (Plan.Fault == BackendFault.CloseInAnswer)
        {
            _ticket!.IsAnswerKnown = _writer.SentBytes > _answerStart && !_run.Plan.HasResets;
            _peer.HalfClose();
            _isOver = true;
        }
        else if (Plan.Fault == BackendFault.ResetInAnswer)
        {
            Fail(reset: true);
        }
    }

    // The answer has been written, and perhaps the request is whole.
    private void OnAnswered()
    {
        if (_ticket is null || !_answers || _writer.IsStopped)
        {
            return;
        }

        if (Plan.Status == 101 && !_isTunnel)
        {
            _isTunnel = true;
            _writer.Send(Pattern.Of(Plan.Id, Content.TunnelDown, Plan.AnswerBytes));
            if (Plan.AnswerBytes == 0)
            {
                OnTunnelSent();
            }

            Take();
        }
        else if (_isTunnel)
        {
            OnTunnelSent();
        }
        else if (_closes)
        {
            _peer.HalfClose();
        }
        else if (_isBodyWhole)
        {
            _ticket = null;
            WaitIdle();
            _again.After(TimeSpan.Zero);
        }
    }

    private void OnTunnelSent() => _peer.HalfClose();

    private void TakeTunnel()
    {
        ReadOnlySpan<byte> bytes = _wire.TakeAll();
        int stranger = Pattern.FindStranger(bytes, Plan.Id, Content.TunnelUp, _tunnelBytes);
        _tunnelBytes += bytes.Length;
        if (stranger >= 0 || _tunnelBytes > SimRun.TunnelUpBytes(Plan))
        {
            throw new SimulationException($"The tunnel of {Plan.Id} brings a stranger's byte at {stranger}, of {_tunnelBytes}.");
        }
    }

    private void WaitIdle()
    {
        if (_run.Plan.HasIdleCloses && _run.Random.Chance(0.3))
        {
            _idle.After(TimeSpan.FromMilliseconds(_run.Random.Next(2_000)));
        }
    }

    private void LeaveIdle()
    {
        if (_ticket is not null || _isOver || _peer.IsClosed)
        {
            return;
        }

        if (_peer.UnsentBytes + _peer.Socket.Out.UnsentBytes > 0)
        {
            // Not idle yet: to close would be to cut the answer.
            WaitIdle();
            return;
        }

        _run.Note($"backend {_peer.Socket.Remote.Port}: closes idle");
        if (_run.Plan.HasIdleAnswers)
        {
            _peer.Send(AnswerText.IdleAnswer);
        }

        Stop(reset: _run.Random.Chance(0.3));
    }

    private void Fail(bool reset)
    {
        _ticket!.IsSpoilt = true;
        Stop(reset);
    }

    private void Stop(bool reset)
    {
        _isOver = true;
        _writer.Stop();
        if (reset)
        {
            _peer.Reset();
        }
        else
        {
            _peer.Close();
        }
    }

    private void End()
    {
        if (_isTunnel && _peer.Error == 0 && _run.MustBeWhole(_ticket!) && _tunnelBytes != SimRun.TunnelUpBytes(Plan))
        {
            throw new SimulationException($"The tunnel of {Plan.Id} ends after {_tunnelBytes} bytes up.");
        }

        bool isTunnelOpen = _isTunnel && _peer.Error == 0 && !_writer.IsEmpty;
        if (!isTunnelOpen)
        {
            _isOver = true;
            _writer.Stop();
            _peer.Close();
        }
    }
}
