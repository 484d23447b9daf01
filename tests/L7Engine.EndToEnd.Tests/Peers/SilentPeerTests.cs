using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using L7Engine.Transport.Portable;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Peers;

/// <summary>The four silent clients, and their like on the backends' side, with the kernel's own TCP.</summary>
[TestFixture(typeof(EpollTransport))]
[TestFixture(typeof(PortableTransport))]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
internal sealed class SilentPeerTests<TTransport> : IAsyncDisposable
    where TTransport : ITransport, new()
{
    // What a host is silent for until the last probe, and then until the kernel gives up: 1 s, and 3 times 1 s.
    private static readonly TcpKeepAliveOptions Probing = new()
    {
        Time = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromSeconds(1),
        Probes = 3,
    };

    private static readonly TcpKeepAliveOptions Impatient = Probing with { UserTimeout = TimeSpan.FromSeconds(4) };

    private RoutedNetwork _network = null!;
    private ScriptedBackend _backend = null!;
    private LoadBalancer _engine = null!;
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [OneTimeSetUp]
    public static void Clean_up_after_those_that_were_killed() => NetNamespace.DeleteOrphans();

    public async ValueTask DisposeAsync()
    {
        _answers.TrySetResult();
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_backend?.DisposeAsync() ?? ValueTask.CompletedTask);
        _network?.Dispose();
    }

    [Test]
    public async Task A_client_that_is_there_keeps_its_connection()
    {
        Start(Probing);
        using WireStream client = await AskAsync();

        // More probes than a silent host is allowed to leave unanswered.
        Assert.That(Patience.Until(() => _network.Near.Count("TCPKeepAlive") > 2 * Probing.Probes));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.That(await client.ReadHeadAsync(), Is.Not.Null);
        AssertClientClosed(CloseReason.ClientAskedClose);
    }

    [Test]
    public async Task A_client_whose_host_is_gone_has_vanished()
    {
        Start(Probing);
        using WireStream client = await AskAsync();
        _network.LoseFarHost();

        AssertClientClosed(CloseReason.Vanished);
        Assert.That(_network.Near.Count("TCPKeepAlive"), Is.AtLeast(1 + Probing.Probes));
    }

    [Test]
    public async Task A_client_whose_host_has_forgotten_it_was_restarted()
    {
        Start(Probing);
        using WireStream client = await AskAsync();
        Forget(client);

        AssertClientClosed(CloseReason.Restarted);
    }

    // TCP cannot tell it from one that is gone, not even when the router does: to a probe its message is not believed.
    [Test]
    public async Task An_idle_client_that_cannot_be_reached_has_vanished([Values] bool routerSays)
    {
        Start(Probing);
        using WireStream client = await AskAsync();
        _network.CutWay(routerSays);

        AssertClientClosed(CloseReason.Vanished);
    }

    [Test]
    public async Task A_client_that_cannot_be_reached_while_bytes_are_on_their_way_is_unreachable_if_the_router_says_so(
        [Values] bool routerSays)
    {
        Start(Impatient);
        using WireStream client = ConnectFar();
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.That(Patience.Until(() => _backend.Accepted == 1));
        _network.CutWay(routerSays);
        _answers.SetResult();

        AssertClientClosed(routerSays ? CloseReason.Unreachable : CloseReason.Vanished);
    }

    [Test]
    public async Task A_client_may_vanish_while_it_waits()
    {
        Start(Probing);
        using WireStream client = ConnectFar();
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.That(Patience.Until(() => _backend.Accepted == 1));
        _network.LoseFarHost();

        AssertClientClosed(CloseReason.Vanished);
        Assert.That(_engine.GetStatus().BackendCloses.Where(c => c.Count > 0).Select(c => c.Reason),
            Is.EqualTo([CloseReason.ExchangeAborted]));
    }

    [Test]
    public async Task A_reset_that_answers_no_probe_is_one()
    {
        Start(Probing);
        WireStream client = await AskAsync();
        client.Reset();

        AssertClientClosed(CloseReason.Reset);
    }

    [TestCase(false, CloseReason.Vanished)]
    [TestCase(true, CloseReason.Restarted)]
    public async Task An_idle_backend_that_is_gone_or_was_restarted_is_known_as_such(
        bool isRestarted, CloseReason expected)
    {
        WireStream? served = null;
        Start(Probing, stream => served = stream);
        using WireStream client = ConnectNear();
        await AskAsync(client);
        if (isRestarted)
        {
            Forget(served!);
        }
        else
        {
            _network.LoseFarHost();
        }

        Assert.That(Patience.Until(() => CountOf(_engine.GetStatus().BackendCloses) == 1));
        Assert.That(_engine.GetStatus().BackendCloses.Single(c => c.Count > 0).Reason, Is.EqualTo(expected));
    }

    // Its connection was never idle in the pool.
    [Test]
    public async Task A_backend_may_vanish_while_it_works_on_the_first_request_of_a_connection()
    {
        Start(Probing, _ => { });
        using WireStream client = ConnectNear();
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.That(Patience.Until(() => _network.Near.Count("TCPKeepAlive") > 0));
        _network.LoseFarHost();

        Assert.That(Patience.Until(() => CountOf(_engine.GetStatus().BackendCloses) > 0));
        Assert.That(_engine.GetStatus().BackendCloses, Has.Member(new CloseCount(CloseReason.Vanished, 1)));
    }

    [Test]
    public async Task A_backend_that_cannot_be_reached_is_known_when_a_request_is_on_its_way()
    {
        Start(Impatient, _ => { });
        using WireStream client = ConnectNear();
        await AskAsync(client);
        _network.CutWay(says: true);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That((await client.ReadHeadAsync())?.Status, Is.EqualTo(502).Or.EqualTo(504));
        // Connecting anew fails, too, and is counted beside.
        Assert.That(Patience.Until(
            () => _engine.GetStatus().BackendCloses.Contains(new CloseCount(CloseReason.Unreachable, 1))));
    }

    // The engine and its backend are near, its client is far.
    private void Start(TcpKeepAliveOptions clients)
    {
        _network = new RoutedNetwork();
        _backend = _network.Near.Do(() => new ScriptedBackend(ServeAsync));
        Start(clients, new TcpKeepAliveOptions());
    }

    // The engine and its client are near, its backend is far.
    private void Start(TcpKeepAliveOptions backends, Action<WireStream> accepted)
    {
        _network = new RoutedNetwork();
        _backend = _network.Far.Do(() => new ScriptedBackend(
            stream =>
            {
                accepted(stream);
                return ServeAsync(stream);
            },
            RoutedNetwork.FarAddress));
        Start(new TcpKeepAliveOptions(), backends);
    }

    private void Start(TcpKeepAliveOptions clients, TcpKeepAliveOptions backends)
    {
        var options = new LoadBalancerOptions
        {
            Listeners =
            [
                new ListenerOptions
                {
                    Address = new IPEndPoint(RoutedNetwork.NearAddress, 0), TcpKeepAlive = clients,
                },
            ],
            Groups =
            [
                new BackendGroupOptions
                {
                    Backends = [new BackendOptions { Address = _backend.Address }],
                    Pool = new PoolOptions { TcpKeepAlive = backends },
                },
            ],
            Loops = 1,
        };
        _engine = _network.Near.Do(() =>
        {
            var engine = new LoadBalancer(options, null, new TTransport(), TimeProvider.System, Random.Shared);
            engine.StartAsync().GetAwaiter().GetResult();
            return engine;
        });
    }

    private async Task ServeAsync(WireStream stream)
    {
        while (await stream.ReadHeadAsync() is { } head)
        {
            if (head.StartLine.Contains("/slow", StringComparison.Ordinal))
            {
                await _answers.Task;
            }

            await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    }

    private WireStream ConnectFar() => Connect(_network.Far);

    private WireStream ConnectNear() => Connect(_network.Near);

    private WireStream Connect(NetNamespace from) => from.Do(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_engine.LocalEndPoints[0]);
        return new WireStream(socket);
    });

    // A client whose connection is idle after a response.
    private async Task<WireStream> AskAsync()
    {
        WireStream client = ConnectFar();
        await AskAsync(client);
        return client;
    }

    // A probe says that all was acknowledged before: what is not is sent again, and that is another story.
    private async Task AskAsync(WireStream client)
    {
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        WireHead? head = await client.ReadHeadAsync();
        await client.ReadBodyAsync(head!);
        Assert.That(Patience.Until(() => _network.Near.Count("TCPKeepAlive") > 0));
    }

    // What a crash does to a connection: it is not there any more, and nobody has said so.
    private static void Forget(WireStream stream)
    {
        const int TcpLevel = 6;
        const int TcpRepair = 19;
        int on = 1;
        stream.Socket.SetRawSocketOption(TcpLevel, TcpRepair, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in on)));
        stream.Dispose();
    }

    private void AssertClientClosed(CloseReason expected)
    {
        Assert.That(Patience.Until(() => CountOf(_engine.GetStatus().ClientCloses) == 1), "it was never closed");
        Assert.That(_engine.GetStatus().ClientCloses.Single(c => c.Count > 0).Reason, Is.EqualTo(expected));
    }

    private static long CountOf(IReadOnlyList<CloseCount> closes) => closes.Sum(c => c.Count);
}
