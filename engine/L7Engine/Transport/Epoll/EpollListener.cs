using System.Net;
using System.Net.Sockets;
using L7Engine.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Transport.Epoll;

/// <summary>A listening socket of one loop. Level-triggered: what it leaves in the backlog is reported again.</summary>
internal sealed class EpollListener : TransportListener
{
    // sockaddr_in6.
    private const int AddressBytes = 28;

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly int _slot;
    private readonly byte[] _address = new byte[AddressBytes];
    private readonly LoopCompletion<TransportConnection?> _accepting = new();
    private readonly Queue<HandedDescriptor> _handed = new();
    private readonly Pause _pause;
    private volatile bool _isOn = true;
    private bool _isWatched = true;
    private bool _isPaused;
    private bool _isExhausted;
    private bool _isFinishing;
    private bool _isClosed;
    private AcceptBudget _budget = new();

    public EpollListener(EpollLoop loop, Socket socket)
    {
        Loop = loop;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _socket = socket;
        _descriptor = (int)socket.Handle;
        _pause = new Pause(this);
        _slot = loop.AddListener(this, _descriptor);
        loop.Group.Add(this);
    }

    public EpollLoop Loop { get; }

    public override IPEndPoint Address { get; }

    /// <summary>Whether it takes connections that another loop hands over. From any thread.</summary>
    public bool IsAccepting => _isOn;

    public override ValueTask<TransportConnection?> AcceptAsync()
    {
        if (TryAccept(out EpollConnection? connection))
        {
            return new ValueTask<TransportConnection?>(connection);
        }

        Watch(isWanted: true);
        return _accepting.WaitAsync();
    }

    public override void SetAccepting(bool accepting)
    {
        _isOn = accepting && !_isClosed;
        Watch(_accepting.IsPending);
        PumpHanded();
    }

    public override void Configure(in ListenSettings settings)
    {
        // What is off by now may have been on: 0 is the kernel's own value of each.
        _ = Native.SetOption(_descriptor, Native.SocketLevel, Native.KeepAlive, 0);
        _ = Native.SetOption(_descriptor, Native.TcpLevel, Native.TcpUserTimeout, 0);
        _ = Native.SetOption(_descriptor, Native.TcpLevel, Native.TcpNotSentLowWater, settings.MaxUnsentBytes);
        RawSocket.SetTcpOptions(_descriptor, settings.KeepAlive);

        // Of a socket that listens already it changes the length of the queue alone.
        _socket.Listen(settings.Backlog);
    }

    public override void StopSharing() => Loop.Group.Remove(this);

    public override void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isOn = false;
        Loop.Group.Remove(this);
        Resume();
        _isClosed = true;
        Loop.RemoveListener(_slot);
        _socket.Dispose();
        while (_handed.TryDequeue(out HandedDescriptor? handed))
        {
            Drop(handed.Descriptor);
        }

        PumpLater();
    }

    public override void Finish()
    {
        // Nothing more from the other loops.
        Loop.Group.Remove(this);
        _isFinishing = true;
        PumpLater();
    }

    /// <summary>Delivers a connection to whoever waits for one. By the loop alone: runs the awaiter in place.</summary>
    internal void Pump()
    {
        if (!_accepting.IsPending)
        {
            // Reported while nobody asks: it would be reported again in each turn.
            Watch(isWanted: false);
        }
        else if (TryAccept(out EpollConnection? connection))
        {
            _accepting.Complete(connection);
        }
    }

    /// <summary>Ends the pause, if there is one.</summary>
    internal void Resume()
    {
        if (_isPaused)
        {
            _isPaused = false;
            Loop.Wheel.Remove(_pause);
            Loop.RemovePaused(this);
            Watch(_accepting.IsPending);
            PumpHanded();
        }
    }

    /// <summary>Takes what another loop has accepted.</summary>
    internal void Take(HandedDescriptor handed)
    {
        if (!_isClosed)
        {
            _handed.Enqueue(handed);
            Pump();
        }
        else if (handed.From == this || !handed.From.TryHand(handed with { To = handed.From }))
        {
            Drop(handed.Descriptor);
        }
        else
        {
            Loop.Hold(-1);
        }
    }

    /// <returns>
    /// True with a connection, or without one when the listener is closed; false when nothing has come.
    /// </returns>
    private bool TryAccept(out EpollConnection? connection)
    {
        connection = null;
        while (connection is null && !_isClosed)
        {
            if (!_isOn || _isPaused)
            {
                CloseIfDone();
                return _isClosed;
            }

            if (_handed.TryDequeue(out HandedDescriptor? handed))
            {
                connection = Loop.Admit(handed.Descriptor, handed.RemoteAddress);
            }
            else if (IsOverBudget() || !TryAcceptFromKernel(out connection))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>False when there is no point in trying again at once.</returns>
    private bool TryAcceptFromKernel(out EpollConnection? connection)
    {
        connection = null;
        int addressBytes = AddressBytes;
        int descriptor = Native.Accept(
            _descriptor, ref _address[0], ref addressBytes, Native.NonBlocking | Native.CloseOnExec);
        if (descriptor < 0)
        {
            return GoesOnAfter(Native.LastError);
        }

        _isExhausted = false;
        PeerAddress remoteAddress = PeerAddress.FromSockAddr(_address.AsSpan(0, Math.Min(addressBytes, AddressBytes)));
        EpollListener to = Loop.Group.Choose(this);
        if (to != this && to.TryHand(new HandedDescriptor(descriptor, remoteAddress, From: this, to)))
        {
            return true;
        }

        Loop.Hold(1);
        connection = Loop.Admit(descriptor, remoteAddress);
        return true;
    }

    private bool GoesOnAfter(int error)
    {
        if (error == ErrorNumber.TryAgain)
        {
            _isExhausted = false;
            _budget.NoteEmpty();
            if (_isFinishing)
            {
                Close();
            }

            return _isClosed;
        }

        if (ErrorNumber.IsOfOneConnection(error))
        {
            return true;
        }

        PauseAccepting(error);
        return false;
    }

    // The backlog is reported for as long as something is in it: without a pause the loop would spin.
    private void PauseAccepting(int error)
    {
        _isPaused = true;
        Loop.AddPaused(this);
        Loop.Wheel.Arm(_pause, Loop.Wheel.TickAfter(1));
        Watch(isWanted: false);
        if (!_isExhausted)
        {
            _isExhausted = true;
            AcceptPaused?.Invoke(error);
        }
    }

    // The loop holds it from here on: a second one is not sent the same way before this one has arrived.
    private bool TryHand(HandedDescriptor handed)
    {
        Loop.Hold(1);
        if (Loop.Post(static handed => Receive((HandedDescriptor)handed!), handed))
        {
            return true;
        }

        Loop.Hold(-1);
        return false;
    }

    private static void Receive(HandedDescriptor handed) => handed.To.Take(handed);

    private void Drop(int descriptor)
    {
        Loop.Hold(-1);
        RawSocket.Close(descriptor, reset: true);
    }

    private bool IsOverBudget()
    {
        if (_budget.TryTake(Loop.Turn, isWhole: _isFinishing))
        {
            return false;
        }

        if (_isFinishing)
        {
            // Only the call that finds the backlog empty ends it, and no event asks for that one.
            PumpLater();
        }

        return true;
    }

    private void Watch(bool isWanted)
    {
        bool isOn = isWanted && _isOn && !_isPaused && !_isClosed;
        if (isOn != _isWatched && !_isClosed)
        {
            _isWatched = isOn;
            Loop.Watch(_descriptor, _slot, isOn);
        }
    }

    // While nothing may be accepted nobody is kept waiting by an address at which nobody waits.
    private void CloseIfDone()
    {
        if (_isFinishing && _handed.Count == 0 && !_socket.Poll(0, SelectMode.SelectRead))
        {
            Close();
        }
    }

    // No event tells of what other loops have handed over, nor that the backlog of an address that closes is empty.
    private void PumpHanded()
    {
        if (_handed.Count > 0 || _isFinishing)
        {
            PumpLater();
        }
    }

    private void PumpLater() => Loop.Defer(static listener => ((EpollListener)listener!).Pump(), this);

    private sealed class Pause(EpollListener listener) : TimerEntry
    {
        protected internal override void OnDue() => listener.Resume();
    }
}
