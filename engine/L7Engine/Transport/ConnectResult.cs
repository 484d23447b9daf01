using System.Net.Sockets;

namespace L7Engine.Transport;

/// <summary>How an attempt to connect ended.</summary>
/// <param name="Connection">The open connection, or null.</param>
/// <param name="Error">Why there is none; <see cref="SocketError.TimedOut"/> when the deadline passed first.</param>
internal readonly record struct ConnectResult(TransportConnection? Connection, SocketError Error)
{
    /// <summary>What stands for the error on Linux; 0 for an open connection.</summary>
    public int Errno => ErrorNumber.Of(Error);

    /// <summary>True when there was no answer in time.</summary>
    public bool IsTimedOut => Error == SocketError.TimedOut;

    /// <summary>True when the loop has ended.</summary>
    public bool IsAborted => Error == SocketError.OperationAborted;

    /// <summary>True when this machine ran out of something: the backend is not to blame.</summary>
    public bool IsLocalCause => Error is SocketError.AddressNotAvailable or SocketError.TooManyOpenSockets
        or SocketError.NoBufferSpaceAvailable;
}
