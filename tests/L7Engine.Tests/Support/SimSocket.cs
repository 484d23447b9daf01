using System.Net;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>One end of a connection as the kernel holds it: non-blocking, with Linux's states and errors.</summary>
/// <remarks>
/// An RST keeps what has arrived: it is received first, then the error comes once, then end of stream. Source: Linux
/// tcp_reset, tcp_recvmsg, tcp_poll.
/// </remarks>
internal sealed class SimSocket
{
    public const int WouldBlock = TransportConnection.WouldBlock;
    public const int Failed = TransportConnection.HasFailed;

    private readonly SimNetwork _network;
    private readonly SimActor _notice;
    private int _pendingError;
    private bool _isFinSent;
    private bool _wantsRoom;

    public SimSocket(SimNetwork network, IPEndPoint local, IPEndPoint remote)
    {
        _network = network;
        _notice = new SimActor(OnArrived);
        (Local, Remote) = (local, remote);
    }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    public SimFlow In { get; private set; } = null!;

    public SimFlow Out { get; private set; } = null!;

    public ISocketOwner? Owner { get; set; }

    public bool IsOpen { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>An RST went either way, or the kernel has given up.</summary>
    public bool IsReset { get; private set; }

    /// <summary>The peer has said that it sends no more, or there is nobody left to say it.</summary>
    public bool IsPeerFinished { get; private set; }

    public bool HasError => _pendingError != 0;

    public bool IsReadable => In.UnreadBytes > 0 || IsPeerFinished;

    /// <summary>A third of the buffer is free, as Linux has it, or a send would fail.</summary>
    public bool IsWritable => IsReset || (IsOpen && 3 * Out.SendRoom >= Out.Link.SendBufferBytes);

    private SimRandom Random => _network.Scheduler.Random;

    /// <summary>What this kernel says that it knows of the peer; nothing unless a test says something.</summary>
    public PeerSigns Signs { get; set; }

    /// <summary>The errno that the last <see cref="Failed"/> stands for.</summary>
    public int LastError { get; private set; }

    public void Connect(SimFlow incoming, SimFlow outgoing) => (In, Out) = (incoming, outgoing);

    public int Receive(Span<byte> destination)
    {
        int bytes = Math.Min(In.UnreadBytes, destination.Length);
        if (bytes == 0)
        {
            return HasError && !destination.IsEmpty ? Fail(TakeError()) : IsPeerFinished ? 0 : WouldBlock;
        }

        if (bytes > 1 && Random.Chance(In.Link.Faults.ShortReceive))
        {
            bytes = 1 + Random.Next(bytes);
        }

        In.Receive(destination[..bytes]);
        if (bytes < destination.Length && In.UnreadBytes > 0)
        {
            // As if the rest had come only now: whoever got less than it asked for does not ask again without an event.
            _network.Scheduler.Wake(_notice);
        }

        return bytes;
    }

    public int Send(ReadOnlySpan<byte> source)
    {
        if (HasError)
        {
            return Fail(TakeError());
        }

        if (IsReset || _isFinSent)
        {
            return Fail(ErrorNumber.BrokenPipe);
        }

        int bytes = Math.Min(source.Length, Out.SendRoom);
        if (bytes > 1 && Random.Chance(Out.Link.Faults.ShortSend))
        {
            bytes = 1 + Random.Next(bytes);
        }

        if (bytes > 0)
        {
            Out.Send(source[..bytes]);
        }

        if (bytes < source.Length)
        {
            WaitForRoom();
        }

        return bytes > 0 ? bytes : WouldBlock;
    }

    public int TakeError()
    {
        int error = _pendingError;
        _pendingError = 0;
        return error;
    }

    public void ShutdownSend()
    {
        if (!_isFinSent && !IsReset)
        {
            _isFinSent = true;
            Out.Send(SegmentKind.Fin);
        }
    }

    /// <summary>Releases the socket: what it was given still goes out, unless something was left unread.</summary>
    public void Close(bool reset)
    {
        IsClosed = true;
        Owner = null;
        bool isUnread = In.UnreadBytes > 0;
        In.DropUnread();
        if (IsReset)
        {
            return;
        }

        if (reset || isUnread)
        {
            IsReset = true;
            Out.SendReset();
        }
        else if (IsOpen)
        {
            ShutdownSend();
        }
    }

    /// <summary>Answers a SYN with an RST, or with an unreachable message.</summary>
    public void Refuse(int errno)
    {
        IsOpen = false;
        IsClosed = IsReset = true;
        Out.Refusal = errno;
        Out.SendReset();
    }

    /// <summary>
    /// The kernel has had no answer for as long as it waits: the connection fails, and nothing is sent or arrives any
    /// more.
    /// </summary>
    public void GiveUp(int errno)
    {
        if (IsReset || IsClosed)
        {
            return;
        }

        In.Stall();
        Break(errno);
        OnArrived();
    }

    public void OnArrived() => Owner?.OnSocketEvent();

    public void OnRoom()
    {
        if (_wantsRoom && IsWritable)
        {
            _wantsRoom = false;
            Owner?.OnSocketEvent();
        }
    }

    public void OnControl(SegmentKind kind)
    {
        switch (kind)
        {
            case SegmentKind.Syn:
                IsOpen = true;
                _network.Admit(this);
                break;
            case SegmentKind.SynAck when IsClosed:
                Out.SendReset();
                break;
            case SegmentKind.SynAck:
                IsOpen = true;
                break;
            case SegmentKind.Fin:
                IsPeerFinished = true;
                break;
            case SegmentKind.Reset when !IsReset:
                Fail(IsOpen);
                break;
        }

        Owner?.OnSocketEvent();
    }

    private void Fail(bool wasOpen)
    {
        Break(!wasOpen ? In.Refusal : IsPeerFinished ? ErrorNumber.BrokenPipe : ErrorNumber.ConnectionReset);
    }

    private void Break(int errno)
    {
        _pendingError = errno;
        IsReset = true;
        IsPeerFinished = true;
        IsOpen = false;
        Out.DropUnsent();
    }

    private int Fail(int error)
    {
        LastError = error;
        return Failed;
    }

    private void WaitForRoom()
    {
        _wantsRoom = true;
        if (IsWritable)
        {
            // Cut short by the seed, not by the buffer.
            _wantsRoom = false;
            _network.Scheduler.Wake(_notice);
        }
    }
}
