using System.Net;
using System.Net.Sockets;

namespace L7Engine;

/// <summary>An address cannot be listened on; nothing was started.</summary>
public sealed class ListenException : Exception
{
    /// <param name="address">The address that was asked for.</param>
    /// <param name="error">What the system said.</param>
    public ListenException(IPEndPoint address, SocketError error)
        : base($"cannot listen on {address}: {ReasonOf(error)}")
    {
        Address = address;
        Error = error;
    }

    /// <summary>The address that was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <summary>What the system said.</summary>
    public SocketError Error { get; }

    private static string ReasonOf(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "it is in use by another process or listener",
        SocketError.AddressNotAvailable => "it is not an address of this machine",
        SocketError.AccessDenied => "no permission; ports below 1024 usually need CAP_NET_BIND_SERVICE",
        SocketError.AddressFamilyNotSupported => "this machine has no such kind of address",
        SocketError.TooManyOpenSockets => "the descriptor limit is reached (ulimit -n)",
        SocketError.NoBufferSpaceAvailable => "the system has no memory left for it",
        _ => error.ToString(),
    };
}
