using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L7Engine.Transport.Epoll;

/// <summary>Binds an address so that several loops can listen there, and nobody else by accident.</summary>
internal static class ListeningSocket
{
    /// <exception cref="SocketException">The address is in use, or not ours.</exception>
    public static Socket Open(IPEndPoint address, in ListenSettings settings)
    {
        if (!settings.SharePort && !settings.IsSibling && address.Port != 0)
        {
            Probe(address);
        }

        Socket socket = Create(address);
        try
        {
            SetRaw(socket, Native.ReusePort);
            socket.Bind(address);

            // Accepted sockets inherit these: no call for each of them.
            RawSocket.SetTcpOptions((int)socket.Handle, settings.KeepAlive);
            RawSocket.SetMaxUnsent((int)socket.Handle, settings.MaxUnsentBytes);
            socket.Listen(settings.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // With SO_REUSEPORT a second process would get half of the connections and no error. Without it the kernel refuses
    // an address that somebody listens at; not listened on, this socket never gets a connection.
    private static void Probe(IPEndPoint address)
    {
        using Socket probe = Create(address);
        probe.Bind(address);
    }

    private static Socket Create(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };

        // Connections of the last run that are still in TIME_WAIT must not keep the address.
        SetRaw(socket, Native.ReuseAddress);
        if (address.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }

        return socket;
    }

    private static void SetRaw(Socket socket, int name)
    {
        int on = 1;
        socket.SetRawSocketOption(Native.SocketLevel, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in on)));
    }
}
