using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using L7Engine.Diagnostics;

namespace L7Engine.Transport.Portable;

/// <summary>A connection on a non-blocking <see cref="Socket"/>, whose readiness is learned from operations.</summary>
/// <remarks>
/// A receive of no bytes ends when there are some: it is under way whenever the socket is known to be empty. Nothing
/// like it tells on every system that a socket takes bytes again, so that a small piece of what it did not take is sent
/// by an operation; it counts as taken when that has ended, because closing in between would lose it. Other than with
/// epoll, a FIN or a reset behind bytes that nobody has read yet is not seen before they are read.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Closing disposes of them.")]
internal sealed class PortableConnection : TransportConnection
{
    private readonly Socket _socket;
    private readonly bool _isAccepted;
    private readonly ReadNotice _reading;
    private SendNotice? _sending;
    private SocketError _connectError;
    private TcpKeepAlive _keepAlive;

    /// <param name="keepAlive">What was set on the socket.</param>
    /// <param name="isAccepted">It was accepted, and not opened from here.</param>
    public PortableConnection(
        PortableLoop loop, Socket socket, TcpKeepAlive keepAlive, in PeerAddress remoteAddress, bool isAccepted)
        : base(loop)
    {
        _socket = socket;
        _keepAlive = keepAlive;
        _isAccepted = isAccepted;
        _reading = new ReadNotice(loop, this);
        _reading.SetBuffer([], 0, 0);
        RemoteAddress = remoteAddress;
        MaySend = isAccepted;
    }

    /// <summary>Starts to connect; the end is noted as being writable.</summary>
    public void Connect(IPEndPoint address)
    {
        var connecting = new ConnectNotice((PortableLoop)Loop, this) { RemoteEndPoint = address };
        connecting.Begin(_socket.ConnectAsync(connecting));
    }

    /// <summary>Waits for bytes, a FIN or a failure.</summary>
    public void Watch()
    {
        if (!_reading.IsUnderWay && !IsDead)
        {
            _reading.Begin(_socket.ReceiveAsync(_reading));
        }
    }

    public override void StartProbes(TcpKeepAlive keepAlive)
    {
        Debug.Assert(!IsClosed);
        try
        {
            SocketOptions.SetProbes(_socket, keepAlive);
            _keepAlive = keepAlive;
        }
        catch (SocketException)
        {
            // The peer has ended it, which is about to be told.
        }
    }

    protected override int Receive(Span<byte> destination)
    {
        int received = _socket.Receive(destination, SocketFlags.None, out SocketError error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            return Fail(error);
        }

        bool isEmpty = error == SocketError.WouldBlock || (received > 0 && received < destination.Length);
        if (isEmpty)
        {
            Watch();
        }

        return error == SocketError.WouldBlock ? WouldBlock : received;
    }

    protected override int Send(ReadOnlySpan<byte> source)
    {
        if (_sending is { IsUnderWay: true })
        {
            return WouldBlock;
        }

        int sent = _sending?.TakeSent(source) ?? 0;
        if (sent < source.Length)
        {
            int more = _socket.Send(source[sent..], SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return Fail(error);
            }

            sent += error == SocketError.Success ? more : 0;
        }

        if (sent < source.Length)
        {
            _sending ??= new SendNotice((PortableLoop)Loop, this);
            _sending.Send(_socket, source[sent..]);
        }

        return sent > 0 ? sent : WouldBlock;
    }

    protected override void ShutdownWriteCore() => Finish();

    protected override void CloseCore(bool reset)
    {
        ((PortableLoop)Loop).Remove(this, _isAccepted);

        // Bytes that nobody has read make it a reset, as they do where the kernel is asked to close.
        if (reset || HasUnreceived())
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        else if (Error == 0 && _socket.Connected)
        {
            // Without it the runtime resets a connection that is closed while an operation is under way.
            Finish();
        }

        _socket.Dispose();
        _reading.Dispose();
        _sending?.Dispose();
    }

    protected override PeerSigns ReadPeerSignsCore() =>
        SocketOptions.ReadPeerSigns(_socket, BytesSent) with { KeepAlive = _keepAlive };

    protected override int ReadError() => Error;

    protected override SocketError ReadConnectError()
    {
        if (_connectError == SocketError.Success)
        {
            Watch();
        }

        return _connectError;
    }

    private bool HasUnreceived()
    {
        Span<byte> one = [0];
        return Error == 0 && _socket.Connected
            && _socket.Receive(one, SocketFlags.Peek, out SocketError error) > 0 && error == SocketError.Success;
    }

    private void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was quicker: there is nothing left to finish.
        }
    }

    private int Fail(SocketError error)
    {
        // A reset is told once; whatever else was under way fails as if we had ended the connection.
        int number = ErrorNumber.Of(error == SocketError.Shutdown ? SocketError.ConnectionReset : error);
        Error = Error != 0 ? Error : number;
        return HasFailed;
    }

    private void NoteRead(SocketError error)
    {
        if (IsClosed)
        {
            return;
        }

        int peeked = -1;
        if (error == SocketError.Success)
        {
            Span<byte> one = [0];
            peeked = _socket.Receive(one, SocketFlags.Peek, out error);
        }

        if (error == SocketError.WouldBlock)
        {
            Watch();
        }
        else if (error == SocketError.Success)
        {
            Note(readable: true, writable: false, peerFinished: peeked == 0, failed: false);
        }
        else
        {
            Fail(error);
            Note(readable: true, writable: true, peerFinished: true, failed: true);
        }
    }

    private void NoteSent(SocketError error)
    {
        if (IsClosed)
        {
            return;
        }

        if (error != SocketError.Success)
        {
            Fail(error);
        }

        Note(readable: false, writable: true, peerFinished: false, failed: error != SocketError.Success);
    }

    private void NoteConnected(SocketError error)
    {
        _connectError = error;
        Note(readable: false, writable: true, peerFinished: false, failed: false);
    }

    private sealed class ReadNotice(PortableLoop loop, PortableConnection connection) : Notice(loop)
    {
        public override void Pump() => connection.Pump();

        protected override void OnEnded() => connection.NoteRead(SocketError);
    }

    private sealed class ConnectNotice(PortableLoop loop, PortableConnection connection) : Notice(loop)
    {
        public override void Pump()
        {
            connection.Pump();
            Dispose();
        }

        protected override void OnEnded() => connection.NoteConnected(SocketError);
    }

    private sealed class SendNotice(PortableLoop loop, PortableConnection connection) : Notice(loop)
    {
        // Small, so that it ends soon after there is room.
        private readonly byte[] _piece = new byte[2048];
        private int _bytes;
        private bool _hasSent;

        public override void Pump() => connection.Pump();

        public void Send(Socket socket, ReadOnlySpan<byte> source)
        {
            _bytes = Math.Min(source.Length, _piece.Length);
            source[.._bytes].CopyTo(_piece);
            SetBuffer(_piece, 0, _bytes);
            Begin(socket.SendAsync(this));
        }

        /// <returns>How many bytes at the start of the source have been sent already; 0 for none, and also when the
        /// write that they were of was canceled and this is another.</returns>
        public int TakeSent(ReadOnlySpan<byte> source)
        {
            bool isOfSource = _hasSent && source.StartsWith(_piece.AsSpan(0, _bytes));
            _hasSent = false;
            return isOfSource ? _bytes : 0;
        }

        protected override void OnEnded()
        {
            _hasSent = SocketError == SocketError.Success;
            connection.NoteSent(SocketError);
        }
    }
}
