using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L7Engine.Transport.Epoll;

/// <summary>What is done to a descriptor outside of sending and receiving.</summary>
internal static class RawSocket
{
    /// <summary>Opens a non-blocking socket and starts to connect it.</summary>
    /// <param name="descriptor">The socket, or -1.</param>
    /// <returns>0 when it is connected, <see cref="ErrorNumber.InProgress"/> while it connects, or the error.</returns>
    public static int Connect(IPEndPoint address, TcpKeepAlive keepAlive, out int descriptor)
    {
        int family = address.AddressFamily == AddressFamily.InterNetworkV6 ? Native.InternetV6 : Native.Internet;
        descriptor = Native.Socket(family, Native.Stream | Native.NonBlocking | Native.CloseOnExec, 0);
        if (descriptor < 0)
        {
            return Native.LastError;
        }

        SetTcpOptions(descriptor, keepAlive);
        SocketAddress bytes = address.Serialize();
        if (Native.Connect(descriptor, ref MemoryMarshal.GetReference(bytes.Buffer.Span), bytes.Size) == 0)
        {
            return 0;
        }

        int error = Native.LastError;
        if (error is ErrorNumber.InProgress or ErrorNumber.Interrupted)
        {
            return ErrorNumber.InProgress;
        }

        Close(descriptor, reset: false);
        descriptor = -1;

        // Older kernels say so when there is no local port left.
        return error == ErrorNumber.TryAgain ? ErrorNumber.AddressNotAvailable : error;
    }

    public static void SetTcpOptions(int descriptor, TcpKeepAlive keepAlive)
    {
        _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpNoDelay, 1);
        if (keepAlive.UserTimeoutMilliseconds > 0)
        {
            _ = Native.SetOption(
                descriptor, Native.TcpLevel, Native.TcpUserTimeout, keepAlive.UserTimeoutMilliseconds);
        }

        if (keepAlive.Probes > 0)
        {
            SetProbes(descriptor, keepAlive);
        }
    }

    /// <summary>Has the kernel probe the peer. What has passed of the first silence counts.</summary>
    public static void SetProbes(int descriptor, TcpKeepAlive keepAlive)
    {
        _ = Native.SetOption(descriptor, Native.SocketLevel, Native.KeepAlive, 1);
        _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpKeepIdle, keepAlive.TimeSeconds);
        _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpKeepInterval, keepAlive.IntervalSeconds);
        _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpKeepCount, keepAlive.Probes);
    }

    /// <param name="bytes">What the kernel takes before it could send it; 0 leaves it to the kernel.</param>
    public static void SetMaxUnsent(int descriptor, int bytes)
    {
        if (bytes > 0)
        {
            _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpNotSentLowWater, bytes);
        }
    }

    /// <param name="reset">Sends RST in place of FIN, and drops what was not sent yet.</param>
    public static void Close(int descriptor, bool reset)
    {
        if (reset)
        {
            // struct linger: on, for 0 seconds.
            Span<int> linger = [1, 0];
            _ = Native.SetOption(
                descriptor, Native.SocketLevel, Native.Linger, ref linger[0], linger.Length * sizeof(int));
        }

        _ = Native.Close(descriptor);
    }

    /// <returns>The error that the socket holds, which it then forgets; 0 for none.</returns>
    public static int TakeError(int descriptor)
    {
        int error = 0;
        int bytes = sizeof(int);
        return Native.GetOption(descriptor, Native.SocketLevel, Native.PendingError, ref error, ref bytes) == 0
            ? error
            : Native.LastError;
    }

    /// <returns>What the kernel knows of the peer.</returns>
    public static PeerSigns ReadPeerSigns(int descriptor, long sentBytes)
    {
        Span<byte> signs = stackalloc byte[PeerSigns.TcpInfoBytes];
        int bytes = signs.Length;
        return Native.GetOption(descriptor, Native.TcpLevel, Native.TcpInfo, ref signs[0], ref bytes) == 0
            ? PeerSigns.Of(signs[..bytes], sentBytes)
            : default;
    }

    /// <returns>How many descriptors may be opened beside those that are open.</returns>
    public static int DescriptorLimit()
    {
        Span<ulong> limits = [0, 0];
        _ = Native.GetLimit(Native.OpenFiles, ref limits[0]);

        // A runtime that is not native holds each of its assemblies open; an embedder may hold much more.
        const string Open = "/proc/self/fd";
        int open = Directory.Exists(Open) ? Directory.EnumerateFiles(Open).Count() : 0;
        return (int)Math.Min(limits[0], int.MaxValue) - open;
    }
}
