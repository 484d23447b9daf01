using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Traffic;

/// <summary>What a load generator asks of the system and an engine does not.</summary>
internal static class LoadSocket
{
    private const string C = "libc";
    private const int Monotonic = 1;
    private const int InternetLevel = 0;
    private const int BindAddressNoPort = 24;

    /// <summary>Opens a non-blocking socket and starts to connect it.</summary>
    /// <param name="source">The local address; null leaves it to the system. Its port is drawn when it connects, so
    /// that two targets may share one.</param>
    /// <param name="descriptor">The socket, or -1.</param>
    /// <returns>0 when it is connected, <see cref="ErrorNumber.InProgress"/> while it connects, or the error.
    /// </returns>
    public static int Connect(SocketAddress target, SocketAddress? source, out int descriptor)
    {
        int family = target.Family == AddressFamily.InterNetworkV6 ? Native.InternetV6 : Native.Internet;
        descriptor = Native.Socket(family, Native.Stream | Native.NonBlocking | Native.CloseOnExec, 0);
        if (descriptor < 0)
        {
            return Native.LastError;
        }

        _ = Native.SetOption(descriptor, Native.TcpLevel, Native.TcpNoDelay, 1);
        int error = source is null ? 0 : BindTo(descriptor, source);
        if (error == 0 && Native.Connect(descriptor, ref First(target), target.Size) != 0)
        {
            error = Native.LastError;
        }

        if (error is not (0 or ErrorNumber.InProgress))
        {
            _ = Native.Close(descriptor);
            descriptor = -1;
        }

        return error;
    }

    /// <summary>Opens a timer whose end is an event of its descriptor.</summary>
    public static int OpenTimer() => CreateTimer(Monotonic, Native.NonBlocking | Native.CloseOnExec);

    /// <summary>Arms a timer anew.</summary>
    /// <param name="nanoseconds">From now on; what is over already is due at once.</param>
    public static void Arm(int timer, long nanoseconds)
    {
        long left = Math.Max(1, nanoseconds);

        // struct itimerspec: the interval, 0 for once, and the time until the end; each in seconds and nanoseconds.
        Span<long> times = [0, 0, left / 1_000_000_000, left % 1_000_000_000];
        _ = SetTimer(timer, 0, ref times[0], 0);
    }

    private static int BindTo(int descriptor, SocketAddress source)
    {
        _ = Native.SetOption(descriptor, InternetLevel, BindAddressNoPort, 1);
        return Bind(descriptor, ref First(source), source.Size) == 0 ? 0 : Native.LastError;
    }

    private static ref byte First(SocketAddress address) => ref MemoryMarshal.GetReference(address.Buffer.Span);

    [DllImport(C, EntryPoint = "bind", SetLastError = true)]
    private static extern int Bind(int descriptor, ref byte address, int addressBytes);

    [DllImport(C, EntryPoint = "timerfd_create", SetLastError = true)]
    private static extern int CreateTimer(int clock, int flags);

    [DllImport(C, EntryPoint = "timerfd_settime", SetLastError = true)]
    private static extern int SetTimer(int timer, int flags, ref long times, nint before);
}
