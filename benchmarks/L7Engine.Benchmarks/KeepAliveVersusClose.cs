using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;

namespace L7Engine.Benchmarks;

/// <summary>How clients hold their connections.</summary>
public enum ConnectionMode
{
    /// <summary>One for all requests.</summary>
    KeepAlive,

    /// <summary>One for each request.</summary>
    Close,
}

/// <summary>Question: what does a request cost on a connection that is kept, and on one of its own?</summary>
/// <remarks>
/// Over real sockets of the loopback, client, engine and backend in this process; the engine keeps its connections to
/// the backend in both modes. Direct is the same client at the same backend without the engine. All figures are for one
/// request of 64: one after the other on one connection, or one on each of 64. Allocated is that of the whole process;
/// of a connection it counts the client's <see cref="Socket"/> and, in Direct, the backend's too. Not measured: the
/// engine alone, a network, who waits for whom when all share two processors.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
[SuppressMessage("Design", "CA1001", Justification = "Cleanup ends what Setup began.")]
public class KeepAliveVersusClose
{
    private const int Requests = 64;

    private readonly byte[] _received = new byte[64 * 1_024];
    private Socket?[] _clients = [];
    private byte[] _request = [];
    private LoopbackBackend _backend = null!;
    private LoadBalancer _balancer = null!;
    private IPEndPoint _engine = null!;

    [Params(ConnectionMode.KeepAlive, ConnectionMode.Close)]
    public ConnectionMode Mode { get; set; }

    [Params(100, 16 * 1_024)]
    public int BodyBytes { get; set; }

    [Params(1, 64)]
    public int Connections { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        _clients = new Socket?[Connections];
        string close = Mode == ConnectionMode.Close ? "Connection: close\r\n" : "";
        _request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: loopback\r\n{close}\r\n");
        _backend = new LoopbackBackend(BodyBytes);
        _balancer = new LoadBalancer(new LoadBalancerOptions
        {
            Listeners =
            [
                new ListenerOptions
                {
                    Address = new IPEndPoint(IPAddress.Loopback, 0),
                    KeepAlive = new KeepAliveOptions { MaxRequests = 0 },
                },
            ],
            Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = _backend.Address }] }],
            Loops = 1,
        });
        await _balancer.StartAsync();
        _engine = _balancer.LocalEndPoints[0];
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        foreach (Socket? client in _clients)
        {
            client?.Dispose();
        }

        await _balancer.DisposeAsync();
        _backend.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public int Direct() => Ask(_backend.Address);

    [Benchmark(OperationsPerInvoke = Requests)]
    public int Through() => Ask(_engine);

    private int Ask(IPEndPoint target)
    {
        int bytes = 0;
        for (int asked = 0; asked < Requests; asked += Connections)
        {
            for (int i = 0; i < Connections; i++)
            {
                Socket client = _clients[i] ??= Connect(target);
                client.Send(_request);
            }

            for (int i = 0; i < Connections; i++)
            {
                bytes += ReadResponse(i);
            }
        }

        return bytes;
    }

    private static Socket Connect(IPEndPoint target)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(target);
        return client;
    }

    // The peer's end is read, too, so that it is the peer who closes first.
    private int ReadResponse(int index)
    {
        Socket client = _clients[index]!;
        int received = 0;
        int whole = 0;
        while (Mode == ConnectionMode.Close || whole == 0 || received < whole)
        {
            int count = client.Receive(_received.AsSpan(received));
            if (count == 0)
            {
                break;
            }

            received += count;
            int head = _received.AsSpan(0, received).IndexOf("\r\n\r\n"u8);
            whole = head < 0 ? 0 : head + 4 + BodyBytes;
        }

        if (whole == 0 || received != whole)
        {
            throw new InvalidOperationException($"{received} bytes are no whole response.");
        }

        if (Mode == ConnectionMode.Close)
        {
            client.Dispose();
            _clients[index] = null;
        }

        return received;
    }
}
