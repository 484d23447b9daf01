using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>Sends on what is left of a request while the response is already read.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Its task lives as long as the object and serves one exchange after the
/// other: that a body is large costs no allocation.
/// </remarks>
internal sealed class Upload
{
    private readonly Worker _worker;
    private readonly Exchange _exchange;
    private readonly RequestForwarding _request;
    private readonly FirstFault _fault;
    private readonly Inlet _inlet = new();
    private readonly LoopCompletion<bool> _start = new();
    private readonly LoopCompletion<bool> _end = new();
    private TransportConnection _client = null!;
    private TransportConnection _backend = null!;
    private Task? _task;
    private ListenerPlan _listener = null!;
    private RateClock _clock;
    private RelayedPiece _piece;
    private bool _isReading;
    private bool _isStopping;

    public Upload(Worker worker, Exchange exchange, RequestForwarding request, FirstFault fault) =>
        (_worker, _exchange, _request, _fault) = (worker, exchange, request, fault);

    /// <summary>True from the start until nothing of it runs any more.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>True while bytes may be under way to the backend.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>True when the read that waits ends for the rate, if nothing comes, and not for the gap.</summary>
    public bool IsByRate => _clock.IsWaiting
        && _clock.DueTick(_listener.MinimumRate, _client.BytesReceived) <= _client.ReadDeadlineTick;

    private bool WantsMore => !_isStopping && !_request.IsBodyTaken;

    private bool IsTooSlow =>
        _clock.IsOver(_listener.MinimumRate, _worker.Loop.NowMilliseconds, _client.BytesReceived);

    /// <summary>Begins, once the caller has let the loop go, with what the backend's writer has not sent yet.</summary>
    public void Start(ListenerPlan listener, TransportConnection client, TransportConnection backend)
    {
        (_listener, _client, _backend, _isStopping) = (listener, client, backend, false);
        _inlet.Attach(_worker.Loop, client.Input);
        IsRunning = IsBusy = true;
        _task ??= RunAsync();
        _worker.Loop.Defer(static state => ((Upload)state!)._start.Complete(true), this);
    }

    /// <summary>
    /// Makes it stop where it waits. What waits on the backend ends when the backend's connection does.
    /// </summary>
    public void Stop()
    {
        _isStopping = true;
        if (_isReading)
        {
            _client.Input.CancelPendingRead();
        }
    }

    /// <summary>From now on the client is the one that is waited for: it has been told to go on.</summary>
    public void StartClock()
    {
        if (_isReading)
        {
            WaitForClient();
        }
    }

    /// <summary>Makes ready for the next exchange: what a client was waited for counts in one of them.</summary>
    public void Clear() => _clock = default;

    /// <summary>Waits until it has stopped. Only while it is running.</summary>
    public ValueTask<bool> WaitForEndAsync() => _end.WaitAsync();

    private async Task RunAsync()
    {
        while (await _start.WaitAsync())
        {
            try
            {
                if (_request.First.IsSending)
                {
                    TakeFirstSent(await _exchange.FinishSendingAsync());
                }

                while (WantsMore)
                {
                    TakeBody(await ReadAsync());
                    if (!_piece.Output.IsEmpty)
                    {
                        TakeSent(await _backend.Output.WriteAsync(_piece.Output));
                    }
                }
            }
            catch (Exception bug)
            {
                _fault.FailUpload(bug);
            }

            IsBusy = false;
            _worker.Loop.Defer(static state => ((Upload)state!).Finish(), this);
        }
    }

    private void TakeFirstSent(FlushResult sent)
    {
        _request.EndSending(isTaken: !sent.IsCanceled && !sent.IsCompleted);
        TakeFlush(sent);
        if (!_isStopping)
        {
            _exchange.OnFirstPieceSent();
        }
    }

    private ValueTask<ReadResult> ReadAsync()
    {
        ValueTask<ReadResult> reading = _client.Input.ReadAsync();
        if (!reading.IsCompleted)
        {
            _isReading = true;
            if (_request.WaitsForContinue)
            {
                _client.ReadDeadlineTick = TimerWheel.Never;
            }
            else
            {
                WaitForClient();
            }
        }

        return reading;
    }

    // Only while a read waits: the time that the backend takes to take bytes is not the client's.
    private void WaitForClient()
    {
        EventLoop loop = _worker.Loop;
        _clock.StartWait(loop.NowMilliseconds, _client.BytesReceived);
        _client.ReadDeadlineTick = Math.Min(
            loop.Wheel.TickAfter(_request.Route?.RequestBodyGapTicks ?? _listener.RequestBodyGapTicks),
            _clock.DueTick(_listener.MinimumRate, _client.BytesReceived));
    }

    private void TakeBody(in ReadResult read)
    {
        _client.ReadDeadlineTick = TimerWheel.Never;
        _clock.EndWait(_worker.Loop.NowMilliseconds);
        _isReading = false;
        _piece = default;
        ArraySegment<byte> view = _inlet.View(read);
        if (_isStopping || read.IsCanceled)
        {
            _inlet.Advance(0);
            FailSlow();
        }
        else if (view.Count == 0)
        {
            FailCutShort();
        }
        else
        {
            TakeBody(view, isLast: read.IsCompleted);
        }
    }

    private void TakeBody(ArraySegment<byte> view, bool isLast)
    {
        _exchange.OnBodyArrived();
        _piece = _request.TakeBody(view);
        if (_request.WhyBodyIsRefused != HttpFault.None)
        {
            _piece = default;
            _inlet.Advance(0);
            _isStopping = true;
            _fault.FailRequest(_request.WhyBodyIsRefused);
        }
        else if (_piece.Output.IsEmpty)
        {
            EndPiece();
            if (isLast && !_request.IsBodyTaken)
            {
                FailCutShort();
            }
        }
    }

    private void TakeSent(FlushResult sent)
    {
        EndPiece();
        TakeFlush(sent);
    }

    // What is not consumed is part of some framing; once the body has ended, it is the next request.
    private void EndPiece()
    {
        if (_request.IsBodyTaken)
        {
            _inlet.Advance(_piece.ConsumedBytes);
        }
        else
        {
            _inlet.AdvanceAndWait(_piece.ConsumedBytes);
        }
    }

    private void TakeFlush(FlushResult sent)
    {
        if (sent.IsCanceled)
        {
            Fail(ProxyFault.SendTimedOut);
        }

        // A backend that takes no more may have answered already: whoever reads from it decides.
        _isStopping |= sent.IsCompleted;
    }

    private void FailCutShort()
    {
        _isStopping = true;
        if (_client.Error != 0)
        {
            _fault.LoseClient(CloseReason.Reset);
        }
        else
        {
            _fault.FailUpload(ProxyFault.BodyCutShort);
        }
    }

    private void FailSlow()
    {
        if (!_isStopping)
        {
            _fault.OfSlowBody = IsTooSlow ? ProxyFault.BodyTooSlow : ProxyFault.BodyTimedOut;
            Fail(_fault.OfSlowBody);
        }
    }

    private void Fail(ProxyFault fault)
    {
        if (!_isStopping)
        {
            _isStopping = true;
            _fault.FailUpload(fault);
        }
    }

    private void Finish()
    {
        IsRunning = false;
        _piece = default;
        _inlet.Drop();
        _exchange.OnUploadEnded();
        if (_end.IsPending)
        {
            _end.Complete(true);
        }
    }
}
