using System.Net;
using System.Net.Sockets;
using L7Engine.Timing;

namespace L7Engine.Transport.Portable;

/// <summary>One loop's part in an address.</summary>
internal sealed class PortableListener : TransportListener
{
    private readonly Acceptor _acceptor;
    private TcpKeepAlive _keepAlive;
    private readonly LoopCompletion<TransportConnection?> _accepting = new();
    private readonly Queue<Socket> _accepted = new();
    private readonly Pause _pause;
    private bool _isAsking;
    private bool _isOn = true;
    private bool _isPaused;
    private bool _isExhausted;
    private bool _isFinishing;
    private bool _isClosed;

    public PortableListener(PortableLoop loop, Acceptor acceptor, TcpKeepAlive keepAlive)
    {
        Loop = loop;
        _acceptor = acceptor;
        _keepAlive = keepAlive;
        _pause = new Pause(this);
        acceptor.Add(this);
    }

    public PortableLoop Loop { get; }

    public override IPEndPoint Address => _acceptor.Address;

    public override ValueTask<TransportConnection?> AcceptAsync()
    {
        ValueTask<TransportConnection?> accepting = _accepting.WaitAsync();
        PumpLater();
        return accepting;
    }

    public override void SetAccepting(bool accepting)
    {
        _isOn = accepting;
        PumpLater();
    }

    public override void Configure(in ListenSettings settings)
    {
        _keepAlive = settings.KeepAlive;
        _acceptor.SetBacklog(settings.Backlog);
    }

    public override void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        Loop.Wheel.Remove(_pause);
        Loop.Remove(this);
        while (_accepted.TryDequeue(out Socket? socket))
        {
            GiveBack(socket);
        }

        _acceptor.Remove(this);
        PumpLater();
    }

    public override void Finish()
    {
        _isFinishing = true;
        PumpLater();
    }

    /// <summary>Takes what was asked for. By the loop alone: runs the awaiter in place.</summary>
    internal void Take(Accepted answer)
    {
        _isAsking = false;
        if (answer.Socket is null)
        {
            OnError(answer.Error);
        }
        else if (_isClosed)
        {
            GiveBack(answer.Socket);
        }
        else
        {
            _isExhausted = false;
            _accepted.Enqueue(answer.Socket);
        }

        Pump();
    }

    /// <summary>Ends the pause, if there is one.</summary>
    internal void Resume()
    {
        if (_isPaused)
        {
            _isPaused = false;
            Loop.Wheel.Remove(_pause);
            PumpLater();
        }
    }

    private void Pump()
    {
        while (_accepting.IsPending)
        {
            if (_isClosed)
            {
                _accepting.Complete(null);
                return;
            }

            if (!_isOn || !_accepted.TryDequeue(out Socket? socket))
            {
                break;
            }

            if (Loop.Admit(socket, _keepAlive) is { } connection)
            {
                _accepting.Complete(connection);
                return;
            }
        }

        AskIfWanted();
    }

    private void AskIfWanted()
    {
        if (_isFinishing && _isAsking && !_isClosed && _acceptor.TryWithdraw(this))
        {
            // What was asked before the end was decided may be answered never.
            _isAsking = false;
        }

        if (_isClosed || _isAsking)
        {
            return;
        }

        if (_isFinishing && _accepted.Count == 0 && _acceptor.IsBacklogEmpty())
        {
            Close();
        }
        else if (!_isPaused && _isOn && _accepting.IsPending)
        {
            _isAsking = true;
            _acceptor.Ask(this);
        }
    }

    private void OnError(SocketError error)
    {
        int number = ErrorNumber.Of(error);
        if (_isClosed || ErrorNumber.IsOfOneConnection(number) || error == SocketError.ConnectionReset)
        {
            return;
        }

        _isPaused = true;
        Loop.Wheel.Arm(_pause, Loop.Wheel.TickAfter(1));
        if (!_isExhausted)
        {
            _isExhausted = true;
            AcceptPaused?.Invoke(number);
        }
    }

    private void GiveBack(Socket socket)
    {
        Loop.Hold(-1);
        _acceptor.GiveBack(socket);
    }

    private void PumpLater() => Loop.Defer(static listener => ((PortableListener)listener!).Pump(), this);

    private sealed class Pause(PortableListener listener) : TimerEntry
    {
        protected internal override void OnDue() => listener.Resume();
    }
}
