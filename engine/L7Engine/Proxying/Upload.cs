using System.IO.Pipelines;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>Sends on what is left of a request body while the response is already read.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Its task lives as long as the object and serves one exchange after the
/// other: that a body is large costs no allocation.
/// </remarks>
internal sealed class Upload
{
    private readonly Worker _worker;
    private readonly Exchange _exchange;
    private readonly RequestForwarding _request;
    private readonly Inlet _inlet = new();
    private readonly LoopCompletion<bool> _start = new();
    private readonly LoopCompletion<bool> _end = new();
    private TransportConnection _client = null!;
    private TransportConnection _backend = null!;
    private Task? _task;
    private RelayedPiece _piece;
    private bool _isReading;
    private bool _isStopping;

    public Upload(Worker worker, Exchange exchange, RequestForwarding request)
    {
        _worker = worker;
        _exchange = exchange;
        _request = request;
    }

    public bool IsRunning { get; private set; }

    private bool WantsMore => !_isStopping && !_request.IsBodyTaken;

    /// <summary>Begins, once the caller has let the loop go.</summary>
    public void Start(TransportConnection client, TransportConnection backend)
    {
        (_client, _backend, _isStopping) = (client, backend, false);
        _inlet.Attach(_worker.Loop, client.Input);
        IsRunning = true;
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

    /// <summary>Waits until it has stopped. Only while it is running.</summary>
    public ValueTask<bool> WaitForEndAsync() => _end.WaitAsync();

    private async Task RunAsync()
    {
        while (await _start.WaitAsync())
        {
            try
            {
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
                _exchange.FailUpload(bug);
            }

            _worker.Loop.Defer(static state => ((Upload)state!).Finish(), this);
        }
    }

    private ValueTask<ReadResult> ReadAsync()
    {
        ValueTask<ReadResult> reading = _client.Input.ReadAsync();
        if (!reading.IsCompleted)
        {
            _isReading = true;
            _client.ReadDeadlineTick = _worker.Loop.NowTick + _worker.Snapshot.Ticks.RequestBodyGap;
        }

        return reading;
    }

    private void TakeBody(in ReadResult read)
    {
        _client.ReadDeadlineTick = TimerWheel.Never;
        _isReading = false;
        _piece = default;
        if (_isStopping)
        {
            return;
        }

        if (read.IsCanceled)
        {
            Fail(ProxyFault.BodyTimedOut);
            return;
        }

        ArraySegment<byte> view = _inlet.View(read);
        if (view.Count == 0)
        {
            Fail(_client.Error != 0 ? ProxyFault.ClientGone : ProxyFault.BodyCutShort);
            return;
        }

        _piece = _request.TakeBody(view);
        if (_request.BodyFault != HttpFault.None || _request.IsTooLarge)
        {
            _exchange.FailRequest(_request.BodyFault == HttpFault.None ? HttpFault.BodyTooLarge : _request.BodyFault);
            _isStopping = true;
        }
        else if (_piece.Output.IsEmpty)
        {
            _inlet.AdvanceAndWait(_piece.ConsumedBytes);

            // What is left of a stream that has ended can never become whole.
            if (read.IsCompleted && !_request.IsBodyTaken)
            {
                Fail(ProxyFault.BodyCutShort);
            }
        }
    }

    private void TakeSent(FlushResult sent)
    {
        _inlet.Advance(_piece.ConsumedBytes);
        if (sent.IsCanceled)
        {
            Fail(ProxyFault.SendTimedOut);
        }

        // A backend that takes no more may have answered already: whoever reads from it decides.
        _isStopping |= sent.IsCompleted;
    }

    private void Fail(ProxyFault fault)
    {
        _isStopping = true;
        _exchange.Fail(fault);
    }

    private void Finish()
    {
        IsRunning = false;
        _piece = default;
        _exchange.OnUploadEnded();
        if (_end.IsPending)
        {
            _end.Complete(true);
        }
    }
}
