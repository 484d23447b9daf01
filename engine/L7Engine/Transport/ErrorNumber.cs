using System.Net.Sockets;

namespace L7Engine.Transport;

/// <summary>The error numbers of Linux: what <see cref="TransportConnection.Error"/> holds, on every system.</summary>
internal static class ErrorNumber
{
    public const int NotPermitted = 1;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int OutOfMemory = 12;
    public const int AccessDenied = 13;
    public const int SystemFileTableFull = 23;
    public const int ProcessFileTableFull = 24;
    public const int NoSpace = 28;
    public const int BrokenPipe = 32;
    public const int NoNetwork = 64;
    public const int Protocol = 71;
    public const int NoProtocolOption = 92;
    public const int NotSupported = 95;
    public const int AddressFamilyNotSupported = 97;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int NetworkReset = 102;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBufferSpace = 105;
    public const int NotConnected = 107;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostDown = 112;
    public const int HostUnreachable = 113;
    public const int InProgress = 115;

    private static readonly (int Number, SocketError Error)[] Table =
    [
        (0, SocketError.Success),
        (TryAgain, SocketError.WouldBlock),
        (InProgress, SocketError.InProgress),
        (ConnectionReset, SocketError.ConnectionReset),
        (BrokenPipe, SocketError.Shutdown),
        (TimedOut, SocketError.TimedOut),
        (ConnectionRefused, SocketError.ConnectionRefused),
        (ConnectionAborted, SocketError.ConnectionAborted),
        (NetworkReset, SocketError.NetworkReset),
        (HostUnreachable, SocketError.HostUnreachable),
        (HostDown, SocketError.HostDown),
        (NetworkUnreachable, SocketError.NetworkUnreachable),
        (NetworkDown, SocketError.NetworkDown),
        (NotConnected, SocketError.NotConnected),
        (AddressInUse, SocketError.AddressAlreadyInUse),
        (AddressNotAvailable, SocketError.AddressNotAvailable),
        (AddressFamilyNotSupported, SocketError.AddressFamilyNotSupported),
        (ProcessFileTableFull, SocketError.TooManyOpenSockets),
        (SystemFileTableFull, SocketError.TooManyOpenSockets),
        (NoBufferSpace, SocketError.NoBufferSpaceAvailable),
        (OutOfMemory, SocketError.NoBufferSpaceAvailable),
        (NoSpace, SocketError.NoBufferSpaceAvailable),
        (AccessDenied, SocketError.AccessDenied),
        (NotPermitted, SocketError.AccessDenied),
        (Interrupted, SocketError.Interrupted),
        (Protocol, SocketError.ProtocolNotSupported),
    ];

    public static SocketError ToSocketError(int number)
    {
        foreach ((int known, SocketError error) in Table)
        {
            if (known == number)
            {
                return error;
            }
        }

        return SocketError.SocketError;
    }

    /// <returns>
    /// The number; that of a reset for an error without one, so that a failure is never taken for none.
    /// </returns>
    public static int Of(SocketError error)
    {
        foreach ((int number, SocketError known) in Table)
        {
            if (known == error)
            {
                return number;
            }
        }

        return ConnectionReset;
    }

    /// <summary>True when the system gave a connection up because nothing came back from the peer.</summary>
    public static bool IsSilence(int number) => number is TimedOut or HostUnreachable or NetworkUnreachable
        or HostDown or NetworkDown;

    /// <summary>True when an accept failed by what happened to the one connection that it was about.</summary>
    public static bool IsOfOneConnection(int number) => number is ConnectionAborted or Interrupted or Protocol
        or NotPermitted or NetworkDown or NetworkUnreachable or HostDown or HostUnreachable or NoProtocolOption
        or NotSupported or NoNetwork or TimedOut;
}
