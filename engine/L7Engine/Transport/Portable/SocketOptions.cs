using System.Net;
using System.Net.Sockets;

namespace L7Engine.Transport.Portable;

/// <summary>What is set on every socket.</summary>
internal static class SocketOptions
{
    public static void Set(Socket socket, TcpKeepAlive keepAlive)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        if (keepAlive.Probes == 0)
        {
            return;
        }

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, keepAlive.TimeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, keepAlive.IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, keepAlive.Probes);
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
