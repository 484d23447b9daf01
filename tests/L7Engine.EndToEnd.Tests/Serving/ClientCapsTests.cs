using System.Net;
using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>Caps per client over real sockets, with one loop and with several.</summary>
[TestFixture]
internal sealed class ClientCapsTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task Of_20_connections_all_are_served_and_4_stay_open([Values(1, 3)] int loops)
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using LoadBalancer balancer = await StartAsync(backend, loops, new ClientCapsOptions { Persistent = 4 });
        WireStream[] clients = await ConnectAsync(balancer, 20);

        WireHead?[] heads = await Task.WhenAll(clients.Select(AskAsync));

        Assert.That(heads.Select(h => h!.Status), Is.All.EqualTo(200));
        Assert.That(heads.Count(h => h!["Connection"] == "close"), Is.EqualTo(16));
        Assert.That(heads.Count(h => h!["Connection"] == "keep-alive"), Is.EqualTo(4));

        // Those of the 16 end by themselves; the 4 serve a second request, and stay.
        foreach ((WireStream client, WireHead? head) in clients.Zip(heads))
        {
            bool isKept = head!["Connection"] == "keep-alive";
            Assert.That(isKept ? (await AskAsync(client))!.Status : (await client.ReadToEndAsync()).Length,
                Is.EqualTo(isKept ? 200 : 0));
            client.Dispose();
        }

        Assert.That(Patience.Until(() => Closes(balancer, CloseReason.PersistentCap) == 16));
        Assert.That(Patience.Until(() => balancer.GetStatus().ClientConnectionsOpen == 0));
    }

    [Test]
    public async Task The_ninth_is_reset_until_a_close_of_the_eight_is_in_the_ledger([Values(1, 3)] int loops)
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using LoadBalancer balancer = await StartAsync(backend, loops, new ClientCapsOptions { Connections = 8 });
        WireStream[] eight = await ConnectAsync(balancer, 8);
        Assert.That((await Task.WhenAll(eight.Select(AskAsync))).Select(h => h!.Status), Is.All.EqualTo(200));

        for (int i = 0; i < 5; i++)
        {
            SocketException? reset = await Assert.CatchAsync<SocketException>(() => AskOnceAsync(balancer));
            Assert.That(reset?.SocketErrorCode,
                Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));

            long closes = Closes(balancer, CloseReason.ClientClosed);
            eight[i].Dispose();
            Assert.That(Patience.Until(() => Closes(balancer, CloseReason.ClientClosed) == closes + 1));
            eight[i] = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
            Assert.That((await AskAsync(eight[i]))!.Status, Is.EqualTo(200));
        }

        Assert.That(Closes(balancer, CloseReason.ConnectionCap), Is.EqualTo(5));
        Array.ForEach(eight, client => client.Dispose());
    }

    [Test]
    public async Task The_ninth_may_be_told_429_and_its_answer_is_not_lost_to_a_reset([Values(1, 3)] int loops)
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using LoadBalancer balancer = await StartAsync(
            backend, loops, new ClientCapsOptions { Connections = 8, Refusal = CapRefusal.TooManyRequests });
        WireStream[] eight = await ConnectAsync(balancer, 8);
        await Task.WhenAll(eight.Select(AskAsync));

        using WireStream ninth = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        await ninth.SendAsync(string.Concat(Enumerable.Repeat(Request, 50)));
        WireHead? head = await ninth.ReadHeadAsync();

        Assert.That((head!.Status, head["Retry-After"], head["Connection"]), Is.EqualTo((429, "1", "close")));
        Assert.That(await ninth.ReadToEndAsync(), Has.Length.EqualTo("Too Many Requests".Length));
        ninth.Dispose();
        Assert.That(Patience.Until(() => Closes(balancer, CloseReason.ConnectionCap) == 1));
        Array.ForEach(eight, client => client.Dispose());
    }

    // The same client, whichever way it came: over IPv4, over a socket for both families, or named by a proxy.
    [TestCase("PROXY TCP4 127.0.0.5 127.0.0.1 1 80\r\n", TestName = "IPv4 by name")]
    [TestCase("PROXY TCP6 ::ffff:127.0.0.5 ::1 1 80\r\n", TestName = "IPv4-mapped by name")]
    [TestCase("PROXY TCP6 64:ff9b::7f00:5 ::1 1 80\r\n", TestName = "NAT64 by name")]
    public async Task One_client_is_one_however_its_address_is_written(string header)
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using LoadBalancer balancer = await StartAsync(
            backend, 3, new ClientCapsOptions { Persistent = 1 }, IPAddress.IPv6Any, IPNetwork.Parse("127.0.0.9/32"));
        int port = balancer.LocalEndPoints[0].Port;

        using WireStream direct = await FromAsync("127.0.0.5", port);
        WireHead? first = await AskAsync(direct);
        using WireStream named = await FromAsync("127.0.0.9", port);
        await named.SendAsync(header);
        WireHead? second = await AskAsync(named);

        Assert.That((first!["Connection"], second!["Connection"]), Is.EqualTo(("keep-alive", "close")));
    }

    [Test]
    public async Task Two_hosts_of_a_network_of_ipv6_are_one_client()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using LoadBalancer balancer = await StartAsync(
            backend, 3, new ClientCapsOptions { Persistent = 1 }, IPAddress.Loopback, IPNetwork.Parse("127.0.0.9/32"));
        var answers = new List<string?>();
        var clients = new List<WireStream>();
        foreach (string source in new[] { "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:3::1" })
        {
            WireStream client = await FromAsync("127.0.0.9", balancer.LocalEndPoints[0].Port);
            clients.Add(client);
            await client.SendAsync($"PROXY TCP6 {source} 2001:db8::80 1 80\r\n");
            answers.Add((await AskAsync(client))!["Connection"]);
        }

        clients.ForEach(client => client.Dispose());
        Assert.That(answers, Is.EqualTo(["keep-alive", "close", "keep-alive"]));
    }

    private static async Task<LoadBalancer> StartAsync(
        ScriptedBackend backend, int loops, ClientCapsOptions caps, IPAddress? listen = null, IPNetwork? proxy = null)
    {
        var address = new IPEndPoint(listen ?? IPAddress.Loopback, 0);
        LoadBalancerOptions options = Engines.Options(address, backend.Address) with { Loops = loops };
        ListenerOptions listener = options.Listeners[0] with { ClientCaps = caps };
        var balancer = new LoadBalancer(options with
        {
            Listeners =
            [
                proxy is { } trusted ? listener with { TrustedProxies = [trusted], ProxyProtocol = true } : listener,
            ],
        });
        await balancer.StartAsync();
        return balancer;
    }

    private static Task<WireStream[]> ConnectAsync(LoadBalancer balancer, int count) => Task.WhenAll(
        Enumerable.Range(0, count).Select(_ => WireStream.ConnectAsync(balancer.LocalEndPoints[0])));

    private static async Task<WireStream> FromAsync(string address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new WireStream(socket);
    }

    private static async Task<WireHead?> AskAsync(WireStream client)
    {
        await client.SendAsync(Request);
        WireHead? head = await client.ReadHeadAsync();
        await client.ReadBodyAsync(head!);
        return head;
    }

    private static async Task AskOnceAsync(LoadBalancer balancer)
    {
        using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        await AskAsync(client);
    }

    private static long Closes(LoadBalancer balancer, CloseReason reason) =>
        balancer.GetStatus().ClientCloses.FirstOrDefault(c => c.Reason == reason).Count;
}
