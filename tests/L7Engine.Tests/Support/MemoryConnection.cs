using System.Diagnostics;
using System.Net.Sockets;
using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>A connection of a <see cref="MemoryLoop"/>: edge-triggered, as over epoll.</summary>
internal sealed class MemoryConnection : TransportConnection, ISocketOwner
{
    private readonly MemoryLoop _loop;

    public MemoryConnection(MemoryLoop loop, SimSocket socket, TcpKeepAlive keepAlive)
        : base(loop)
    {
        _loop = loop;
        KeepAlive = keepAlive;
        Socket = socket;
        Socket.Owner = this;
        loop.OnOpened(this);
        RemoteAddress = PeerAddress.Of(socket.Remote);
        loop.OnOpened(this);
        if (socket.IsOpen)
        {
            // Registering an open descriptor reports its state at once.
            MaySend = true;
            loop.AddEvent(this);
        }
    }

    public SimSocket Socket { get; }

    /// <summary>What was set on its socket.</summary>
    public TcpKeepAlive KeepAlive { get; private set; }

    /// <summary>The next send, or look at the peer, throws as a bug would.</summary>
    public bool HasBug { get; set; }

    /// <summary>Once it is closed, closing it throws as a bug would.</summary>
    public bool HasCloseBug { get; set; }

    internal bool IsOnEventList { get; set; }

    void ISocketOwner.OnSocketEvent() => _loop.AddEvent(this);

    public override void StartProbes(TcpKeepAlive keepAlive)
    {
        AssertUsable();
        KeepAlive = keepAlive;
    }

    internal void NoteState()
    {
        if (!IsClosed)
        {
            Note(Socket.IsReadable, Socket.IsWritable, Socket.IsPeerFinished, Socket.HasError);
        }
    }

    protected override int Receive(Span<byte> destination)
    {
        AssertUsable();
        if (!IsReading)
        {
            _loop.OnUse?.Invoke();
        }

        return Checked(Socket.Receive(destination));
    }

    protected override int Send(ReadOnlySpan<byte> source)
    {
        AssertUsable();
        if (!((ConnectionWriter)Output).IsWaiting)
        {
            _loop.OnUse?.Invoke();
        }

        return HasBug ? throw new InvalidOperationException("A bug of a test.") : Checked(Socket.Send(source));
    }

    protected override void ShutdownWriteCore()
    {
        AssertUsable();
        _loop.FinsBeforeUnread += Socket.In.UnreadBytes > 0 ? 1 : 0;
        Socket.ShutdownSend();
    }

    protected override void CloseCore(bool reset)
    {
        Debug.Assert(Loop.IsCurrent, "A connection belongs to its loop.");
        Socket.Close(reset);
        _loop.OnClosed(this);
        if (HasCloseBug)
        {
            throw new InvalidOperationException("A bug of a test.");
        }
    }

    protected override PeerSigns ReadPeerSignsCore() => HasBug
        ? throw new InvalidOperationException("A bug of a test.")
        : Socket.Signs with { AckedBytes = BytesSent - Socket.Out.UnsentBytes, KeepAlive = KeepAlive };

    protected override int ReadError() => Socket.TakeError();

    protected override SocketError ReadConnectError() => ErrorNumber.ToSocketError(Socket.TakeError());

    private int Checked(int result)
    {
        if (result == SimSocket.Failed)
        {
            Error = Socket.LastError;
        }

        return result;
    }

    private void AssertUsable()
    {
        Debug.Assert(Loop.IsCurrent, "A connection belongs to its loop.");
        Debug.Assert(!Socket.IsClosed, "A closed descriptor may be somebody else's.");
    }
}
