using System.Net.Sockets;

namespace L7Engine.Tests.Support;

/// <summary>The numbers that Linux gives to what a socket reports.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int TooManyOpenFiles = 24;
    public const int BrokenPipe = 32;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int ConnectionReset = 104;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;

    public static SocketError ToSocketError(int errno) => errno switch
    {
        None => SocketError.Success,
        TooManyOpenFiles => SocketError.TooManyOpenSockets,
        BrokenPipe => SocketError.Shutdown,
        AddressInUse => SocketError.AddressAlreadyInUse,
        AddressNotAvailable => SocketError.AddressNotAvailable,
        ConnectionReset => SocketError.ConnectionReset,
        TimedOut => SocketError.TimedOut,
        ConnectionRefused => SocketError.ConnectionRefused,
        HostUnreachable => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
