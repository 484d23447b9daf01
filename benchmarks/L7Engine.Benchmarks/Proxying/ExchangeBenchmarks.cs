using System.Text;
using BenchmarkDotNet.Attributes;
using L7Engine.Benchmarks.Http;
using L7Engine.Tests.Support;

namespace L7Engine.Benchmarks.Proxying;

/// <summary>Question: what does the engine's own code cost, for one whole exchange on persistent connections?</summary>
/// <remarks>
/// Hot path: 0 bytes. A browser's GET over the network in memory of the tests; Direct is the same request and response
/// over one connection of that network without the engine, and the engine has two: its own share is about Through less
/// twice Direct. Not measured: the kernel, which is most of a real request (tools for that are the demo and a load
/// generator); a body that comes in pieces; the timer wheel's ticks, as no virtual time passes.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class ExchangeBenchmarks
{
    private byte[] _response = [];
    private EngineBed _bed = null!;
    private SimPeer _throughEngine = null!;
    private SimPeer _direct = null!;

    [Params(100, 16 * 1_024)]
    public int BodyBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _response = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {BodyBytes}\r\n\r\n{new string('b', BodyBytes)}");
        _bed = new EngineBed(configure: WithoutRequestLimit);
        _bed.Network.Link = new LinkSettings { SendBufferBytes = 64 * 1_024, ReceiveBufferBytes = 64 * 1_024 };
        _bed.Backend.OnAccepted = connection => connection.OnReceived = Answer;
        _throughEngine = _bed.Connect();
        _direct = _bed.Network.Connect(_bed.Backend.Address);
        _bed.Network.RunUntilIdle();
    }

    [Benchmark(Baseline = true)]
    public int Direct() => Ask(_direct);

    [Benchmark]
    public int Through() => Ask(_throughEngine);

    private int Ask(SimPeer client)
    {
        client.Clear();
        SendWhole(client, Messages.BrowserRequest);
        _bed.Network.RunUntilIdle();
        return client.Received.Length >= _response.Length
            ? client.Received.Length
            : throw new InvalidOperationException($"No whole response: {client.Text}");
    }

    private void Answer(SimPeer connection)
    {
        if (connection.Received.EndsWith("\r\n\r\n"u8))
        {
            connection.Clear();
            SendWhole(connection, _response);
        }
    }

    // At once, past the peer's own buffer: that would cut a message where it wraps round.
    private static void SendWhole(SimPeer peer, byte[] message)
    {
        if (peer.Socket.Send(message) != message.Length)
        {
            throw new InvalidOperationException("The network has no room for the whole message.");
        }
    }

    private static LoadBalancerOptions WithoutRequestLimit(LoadBalancerOptions options) => options with
    {
        Listeners = [options.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
    };
}
