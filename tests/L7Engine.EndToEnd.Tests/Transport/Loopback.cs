using System.Net;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>Connections of this machine with itself.</summary>
internal static class Loopback
{
    public static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    public static readonly TcpKeepAlive KeepAlive = new(TimeSeconds: 7200, IntervalSeconds: 75, Probes: 10);

    public static readonly ListenSettings Settings = new(Backlog: 1024, SharePort: false, KeepAlive);

    public static async Task<TransportConnection> ConnectAsync(EventLoop loop, IPEndPoint address)
    {
        ConnectResult result = await loop.ConnectAsync(address, KeepAlive, TimerWheel.Never);
        return result.Connection ?? throw new IOException(result.Error.ToString());
    }

    public static async Task<(TransportConnection Near, TransportConnection Far)> OpenPairAsync(EventLoop loop)
    {
        TransportListener listener = loop.Listen(AnyPort, Settings);
        ValueTask<TransportConnection?> accepting = listener.AcceptAsync();
        TransportConnection near = await ConnectAsync(loop, listener.Address);
        TransportConnection far = (await accepting)!;
        listener.Close();
        return (near, far);
    }

    /// <summary>Accepts until the listener closes.</summary>
    public static async Task AcceptAllAsync(TransportListener listener, List<TransportConnection> accepted)
    {
        while (await listener.AcceptAsync() is { } connection)
        {
            accepted.Add(connection);
        }
    }
}
