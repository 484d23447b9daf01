using System.Net;
using System.Net.Sockets;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Ports that nobody had a moment ago: who has to be told where to listen tries again when one is taken.</summary>
internal static class FreeAddress
{
    public static IPEndPoint At(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
