using System.Net;

namespace L7Engine.Diagnostics;

/// <summary>The address and port of a peer.</summary>
internal readonly record struct PeerAddress(UInt128 Address, ushort Port)
{
    public static PeerAddress FromSockAddr(ReadOnlySpan<byte> sockAddr) => throw new NotSupportedException();

    public static PeerAddress Of(IPEndPoint endPoint) => new(0, (ushort)endPoint.Port);
}
