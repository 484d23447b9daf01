using System.Text;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>An end of a connection that a test plays: plain calls, and callbacks for what comes.</summary>
/// <remarks>
/// What it sends waits in a box of any size until the socket takes it; closing and half-closing wait for the box to be
/// empty. It receives whatever comes until it is told to pause.
/// </remarks>
internal sealed class SimPeer : ISocketOwner
{
    private readonly ByteRing _outbox = new();
    private byte[] _received = new byte[256];
    private int _receivedCount;
    private bool _isPaused;
    private bool _endsSending;
    private bool _closes;

    public SimPeer(SimSocket socket)
    {
        Socket = socket;
        Socket.Owner = this;
    }

    public SimSocket Socket { get; }

    /// <summary>Called when bytes came: they are in <see cref="Received"/>, with those before them.</summary>
    public Action<SimPeer>? OnReceived { get; set; }

    /// <summary>Called once, when the other side's FIN or RST has come.</summary>
    public Action<SimPeer>? OnEnded { get; set; }

    public ReadOnlySpan<byte> Received => _received.AsSpan(0, _receivedCount);

    /// <summary>What was received, a character a byte.</summary>
    public string Text => Encoding.Latin1.GetString(Received);

    public bool IsOpen => Socket.IsOpen;

    /// <summary>The other side has finished, and all it sent was received.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Why the connection is gone; 0 while it is not, and after a clean end.</summary>
    public int Error { get; private set; }

    public bool IsReset => Error is ErrorNumber.ConnectionReset or ErrorNumber.BrokenPipe;

    public bool IsClosed => Socket.IsClosed;

    /// <summary>Bytes that the socket has not taken yet.</summary>
    public int UnsentBytes => _outbox.Count;

    public void Send(string text)
    {
        Span<byte> bytes = text.Length <= 1024 ? stackalloc byte[text.Length] : new byte[text.Length];
        Encoding.Latin1.GetBytes(text, bytes);
        Send(bytes);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        _outbox.Add(bytes);
        SendMore();
    }

    /// <summary>Forgets what was received.</summary>
    public void Clear() => _receivedCount = 0;

    /// <summary>Sends FIN behind what was sent; receiving goes on.</summary>
    public void HalfClose()
    {
        _endsSending = true;
        SendMore();
    }

    public void Close()
    {
        _closes = true;
        SendMore();
    }

    public void Reset()
    {
        if (!Socket.IsClosed)
        {
            Socket.Close(reset: true);
        }
    }

    /// <summary>Is gone or out of reach, and the other side's kernel has noticed.</summary>
    /// <param name="errno">What it says: ETIMEDOUT, EHOSTUNREACH, ENETUNREACH.</param>
    public void Vanish(int errno = ErrorNumber.TimedOut) => Socket.Out.Receiver.GiveUp(errno);

    /// <summary>Makes the other side's kernel know something of this one.</summary>
    public void Show(PeerSigns signs) => Socket.Out.Receiver.Signs = signs;

    /// <summary>Lets bytes pile up in the socket, as a slow reader does.</summary>
    public void PauseReading() => _isPaused = true;

    public void ResumeReading()
    {
        _isPaused = false;
        ReceiveMore();
    }

    void ISocketOwner.OnSocketEvent()
    {
        SendMore();
        ReceiveMore();
        if (IsFinished && Socket.HasError)
        {
            End(Socket.TakeError());
        }
    }

    private void SendMore()
    {
        while (_outbox.Count > 0 && (IsOpen || Socket.IsReset) && !IsClosed)
        {
            int sent = Socket.Send(_outbox.Peek());
            if (sent == SimSocket.WouldBlock)
            {
                return;
            }

            if (sent == SimSocket.Failed)
            {
                // What has arrived before is still there to be received, and behind it the end.
                _outbox.Skip(_outbox.Count);
                Error = Error != 0 ? Error : Socket.LastError;
                return;
            }

            _outbox.Skip(sent);
        }

        if (_outbox.Count == 0 && !IsClosed)
        {
            FinishSending();
        }
    }

    private void FinishSending()
    {
        if (_closes)
        {
            Socket.Close(reset: false);
        }
        else if (_endsSending && IsOpen)
        {
            Socket.ShutdownSend();
        }
    }

    private void ReceiveMore()
    {
        int before = _receivedCount;
        int received = SimSocket.WouldBlock;
        while (!_isPaused && !IsClosed && !IsFinished && (received = Socket.Receive(Room())) > 0)
        {
            _receivedCount += received;
        }

        if (_receivedCount > before)
        {
            OnReceived?.Invoke(this);
        }

        if (received is 0 or SimSocket.Failed)
        {
            End(received == 0 ? 0 : Socket.LastError);
        }
    }

    private Span<byte> Room()
    {
        if (_receivedCount == _received.Length)
        {
            Array.Resize(ref _received, 2 * _received.Length);
        }

        return _received.AsSpan(_receivedCount);
    }

    private void End(int error)
    {
        Error = Error != 0 ? Error : error;
        if (!IsFinished)
        {
            IsFinished = true;
            OnEnded?.Invoke(this);
        }
    }
}
