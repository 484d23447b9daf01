using System.Runtime.InteropServices;

namespace L7Engine.Transport.Epoll;

/// <summary>The calls into the operating system. This file has all of them.</summary>
/// <remarks>
/// Memory is passed by reference, which pins it for the call. A call that fails returns -1 and leaves its errno in
/// <see cref="LastError"/>, to be read at once; nothing throws. Descriptors are non-blocking: no call waits but
/// <see cref="EpollWait"/>.
/// </remarks>
internal static class Native
{
    public const int Internet = 2;
    public const int InternetV6 = 10;
    public const int Stream = 1;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const int SocketLevel = 1;
    public const int ReuseAddress = 2;
    public const int PendingError = 4;
    public const int KeepAlive = 9;
    public const int Linger = 13;
    public const int ReusePort = 15;

    public const int TcpLevel = 6;
    public const int TcpNoDelay = 1;
    public const int TcpKeepIdle = 4;
    public const int TcpKeepInterval = 5;
    public const int TcpKeepCount = 6;
    public const int TcpInfo = 11;
    public const int TcpUserTimeout = 18;
    public const int TcpNotSentLowWater = 25;

    public const int NoSignal = 0x4000;
    public const int More = 0x8000;
    public const int ShutdownWrite = 1;

    public const int EpollAdd = 1;
    public const int EpollModify = 3;

    public const int OpenFiles = 7;

    private const string C = "libc";

    public static int LastError => Marshal.GetLastPInvokeError();

    [DllImport(C, EntryPoint = "socket", SetLastError = true)]
    public static extern int Socket(int family, int type, int protocol);

    [DllImport(C, EntryPoint = "connect", SetLastError = true)]
    public static extern int Connect(int descriptor, ref byte address, int addressBytes);

    [DllImport(C, EntryPoint = "accept4", SetLastError = true)]
    public static extern int Accept(int descriptor, ref byte address, ref int addressBytes, int flags);

    [DllImport(C, EntryPoint = "recv", SetLastError = true)]
    public static extern nint Receive(int descriptor, ref byte destination, nint bytes, int flags);

    [DllImport(C, EntryPoint = "send", SetLastError = true)]
    public static extern nint Send(int descriptor, ref byte source, nint bytes, int flags);

    [DllImport(C, EntryPoint = "shutdown", SetLastError = true)]
    public static extern int Shutdown(int descriptor, int how);

    [DllImport(C, EntryPoint = "close", SetLastError = true)]
    public static extern int Close(int descriptor);

    [DllImport(C, EntryPoint = "setsockopt", SetLastError = true)]
    public static extern int SetOption(int descriptor, int level, int name, ref int value, int valueBytes);

    [DllImport(C, EntryPoint = "getsockopt", SetLastError = true)]
    public static extern int GetOption(int descriptor, int level, int name, ref int value, ref int valueBytes);

    [DllImport(C, EntryPoint = "getsockopt", SetLastError = true)]
    public static extern int GetOption(int descriptor, int level, int name, ref byte value, ref int valueBytes);

    [DllImport(C, EntryPoint = "epoll_create1", SetLastError = true)]
    public static extern int EpollCreate(int flags);

    /// <param name="event">The first word of an event as <see cref="Poller"/> lays it out.</param>
    [DllImport(C, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static extern int EpollControl(int epoll, int operation, int descriptor, ref int @event);

    [DllImport(C, EntryPoint = "epoll_wait", SetLastError = true)]
    public static extern int EpollWait(int epoll, ref int events, int maxEvents, int timeoutMilliseconds);

    [DllImport(C, EntryPoint = "eventfd", SetLastError = true)]
    public static extern int EventDescriptor(uint initial, int flags);

    [DllImport(C, EntryPoint = "write", SetLastError = true)]
    public static extern nint Write(int descriptor, ref ulong value, nint bytes);

    /// <param name="limit">The first of two: the soft limit and the hard one.</param>
    [DllImport(C, EntryPoint = "getrlimit", SetLastError = true)]
    public static extern int GetLimit(int resource, ref ulong limit);

    public static int SetOption(int descriptor, int level, int name, int value) =>
        SetOption(descriptor, level, name, ref value, sizeof(int));
}
