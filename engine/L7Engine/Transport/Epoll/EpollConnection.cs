using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L7Engine.Diagnostics;

namespace L7Engine.Transport.Epoll;

/// <summary>A connection on a raw descriptor. The descriptor lives in this object alone, and is closed once.</summary>
internal sealed class EpollConnection : TransportConnection
{
    private readonly bool _isAccepted;
    private int _descriptor;

    /// <param name="isAccepted">It was accepted, and not opened from here.</param>
    public EpollConnection(EpollLoop loop, int descriptor, in PeerAddress remoteAddress, bool isAccepted)
        : base(loop)
    {
        _descriptor = descriptor;
        _isAccepted = isAccepted;
        RemoteAddress = remoteAddress;

        // What was just accepted takes bytes; what it has to give is told with its registration.
        MaySend = isAccepted;
        IsRoomWatched = !isAccepted;
    }

    public int Descriptor => _descriptor;

    /// <summary>True when the loop is told that the kernel takes bytes again: once it has ever refused some.</summary>
    public bool IsRoomWatched { get; private set; }

    /// <summary>True once an event has told of an error: without one there is none to ask for.</summary>
    public bool IsErrorReported { get; set; }

    /// <summary>Its place in the loop's table.</summary>
    public int Slot { get; set; }

    public override void StartProbes(TcpKeepAlive keepAlive)
    {
        Debug.Assert(!IsClosed);
        RawSocket.SetProbes(_descriptor, keepAlive);
    }

    protected override int Receive(Span<byte> destination)
    {
        Debug.Assert(!destination.IsEmpty, "A receive of nothing looks like a FIN.");
        while (true)
        {
            nint received = Native.Receive(
                _descriptor, ref MemoryMarshal.GetReference(destination), destination.Length, 0);
            if (received >= 0)
            {
                return (int)received;
            }

            if (Native.LastError is var error && error != ErrorNumber.Interrupted)
            {
                return Fail(error);
            }
        }
    }

    protected override int Send(ReadOnlySpan<byte> source)
    {
        // Held back, the bytes go out in one segment with the FIN, and wake the peer once.
        int flags = IsEnding ? Native.NoSignal | Native.More : Native.NoSignal;
        while (true)
        {
            nint sent = Native.Send(_descriptor, ref MemoryMarshal.GetReference(source), source.Length, flags);
            if (sent == source.Length)
            {
                return (int)sent;
            }

            if (sent >= 0)
            {
                WatchRoom();
                return (int)sent;
            }

            if (Native.LastError is var error && error != ErrorNumber.Interrupted)
            {
                return FailToSend(error);
            }
        }
    }

    protected override void ShutdownWriteCore() => _ = Native.Shutdown(_descriptor, Native.ShutdownWrite);

    protected override void CloseCore(bool reset)
    {
        ((EpollLoop)Loop).Remove(this, _isAccepted);
        if (IsEnding && !reset)
        {
            // With bytes of the peer unread, closing alone would throw away what was held back.
            ShutdownWriteCore();
        }

        RawSocket.Close(_descriptor, reset);
        _descriptor = -1;
    }

    protected override PeerSigns ReadPeerSignsCore() => RawSocket.ReadPeerSigns(_descriptor, BytesSent);

    protected override int ReadError() => RawSocket.TakeError(_descriptor);

    protected override SocketError ReadConnectError() =>
        IsErrorReported ? ErrorNumber.ToSocketError(ReadError()) : SocketError.Success;

    private int FailToSend(int error)
    {
        if (error == ErrorNumber.TryAgain)
        {
            WatchRoom();
        }

        return Fail(error);
    }

    private void WatchRoom()
    {
        if (!IsRoomWatched)
        {
            IsRoomWatched = true;
            ((EpollLoop)Loop).WatchRoom(this);
        }
    }

    private int Fail(int error)
    {
        if (error == ErrorNumber.TryAgain)
        {
            return WouldBlock;
        }

        // The first one says how the connection ended; a later one only that it has.
        Error = Error != 0 ? Error : error;
        return HasFailed;
    }
}
