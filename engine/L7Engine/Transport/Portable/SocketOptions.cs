using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L7Engine.Transport.Portable;

/// <summary>What is set on every socket.</summary>
internal static class SocketOptions
{
    // Linux alone has these, and the framework has no names for them.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int TcpUserTimeout = 18;
    private const int TcpNotSentLowWater = 25;

    public static void Set(Socket socket, TcpKeepAlive keepAlive)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        if (keepAlive.UserTimeoutMilliseconds > 0 && OperatingSystem.IsLinux())
        {
            int milliseconds = keepAlive.UserTimeoutMilliseconds;
            socket.SetRawSocketOption(
                TcpLevel, TcpUserTimeout, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in milliseconds)));
        }

        if (keepAlive.Probes > 0)
        {
            SetProbes(socket, keepAlive);
        }
    }

    public static void SetProbes(Socket socket, TcpKeepAlive keepAlive)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, keepAlive.TimeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, keepAlive.IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, keepAlive.Probes);
    }

    /// <returns>What the kernel knows of the peer; nothing where it does not tell.</returns>
    public static PeerSigns ReadPeerSigns(Socket socket, long sentBytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return default;
        }

        try
        {
            Span<byte> signs = stackalloc byte[PeerSigns.TcpInfoBytes];
            int bytes = socket.GetRawSocketOption(TcpLevel, TcpInfo, signs);
            return PeerSigns.Of(signs[..bytes], sentBytes);
        }
        catch (SocketException)
        {
            return default;
        }
    }

    // Accepted sockets inherit it.
    private static void SetMaxUnsent(Socket listener, int bytes)
    {
        if (bytes > 0 && OperatingSystem.IsLinux())
        {
            listener.SetRawSocketOption(
                TcpLevel, TcpNotSentLowWater, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
        }
    }

    /// <summary>Binds and listens. Two processes share an address only when both were told to.</summary>
    /// <exception cref="SocketException">The address is in use, or not ours.</exception>
    public static Socket Listen(IPEndPoint address, in ListenSettings settings)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            // Without either, Windows lets others in unless told not to; elsewhere one that listens is alone.
            if (settings.SharePort)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }
            else if (OperatingSystem.IsWindows())
            {
                socket.ExclusiveAddressUse = true;
            }

            SetMaxUnsent(socket, settings.MaxUnsentBytes);
            socket.Bind(address);
            socket.Listen(settings.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
