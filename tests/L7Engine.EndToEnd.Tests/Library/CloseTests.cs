using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>What an engine tells of its connections, with real sockets.</summary>
[TestFixture]
internal sealed class CloseTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task A_subscriber_is_told_of_each_close_until_the_engine_has_ended()
    {
        const int Clients = 20;
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        var balancer = new LoadBalancer(Engines.Options(backend.Address));
        Task<List<CloseRecord>> told = ReadAllAsync(balancer.SubscribeToCloses());
        await balancer.StartAsync();
        for (int i = 0; i < Clients; i++)
        {
            using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
            await client.SendAsync(Request);
            await client.ReadBodyAsync((await client.ReadHeadAsync())!);
        }

        await balancer.DrainAsync();
        await balancer.DisposeAsync();
        List<CloseRecord> closes = await Patience.ForAsync(told, "the end of the subscription");

        CloseRecord[] clients = [.. closes.Where(c => c.Side == ConnectionSide.Client)];
        Assert.That(clients, Has.Length.EqualTo(Clients));
        Assert.That(clients.Select(c => (c.RequestCount, c.BytesReceived)), Is.All.EqualTo((1, (long)Request.Length)));
        Assert.That(closes, Is.EquivalentTo(await balancer.GetClosedAsync(1_000)));
    }

    // So that TIME_WAIT is the backend's, and not ours.
    [Test]
    public async Task A_backend_that_is_told_to_close_is_the_first_to()
    {
        await using var backend = new ScriptedBackend(async stream =>
        {
            await stream.ReadHeadAsync();
            await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        });
        LoadBalancerOptions options = Engines.Options(backend.Address);
        await using var balancer = new LoadBalancer(options with
        {
            Groups = [options.Groups[0] with { Pool = new PoolOptions { Enabled = false } }],
        });
        await using var closes = new Reader(balancer.SubscribeToCloses());
        await balancer.StartAsync();
        using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        await client.SendAsync(Request);
        await client.ReadBodyAsync((await client.ReadHeadAsync())!);

        CloseRecord close = await closes.NextAsync();
        Assert.That((close.Side, close.Reason), Is.EqualTo((ConnectionSide.Backend, CloseReason.PoolOff)));
        Assert.That(close.ClosedFirst, Is.EqualTo(CloseParty.Peer));
    }

    [Test]
    public async Task What_is_open_is_told_with_what_TCP_knows_of_its_peer()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using var balancer = new LoadBalancer(Engines.Options(backend.Address));
        await balancer.StartAsync();
        using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        await client.SendAsync(Request);
        await client.ReadBodyAsync((await client.ReadHeadAsync())!);

        // The response is with the client before the loop has noted that its exchange is over.
        IReadOnlyList<ConnectionStatus> open = [];
        while (open.Count < 2 || open.Any(c => c.State != ConnectionState.Idle))
        {
            open = await balancer.GetConnectionsAsync();
        }

        Assert.That(open.Select(c => c.Side), Is.EquivalentTo([ConnectionSide.Client, ConnectionSide.Backend]));
        Assert.That(open.Select(c => c.RequestCount), Is.All.EqualTo(1));
        Assert.That(open.Select(c => c.Deadline!.Value.Name), Is.EquivalentTo(["keepAlive.idleTimeout", "pool.idleTimeout"]));
        Assert.That(open.Select(c => c.PeerStatus), Is.All.EqualTo(PeerStatus.Alive));
    }

    private static async Task<List<CloseRecord>> ReadAllAsync(CloseSubscription closes)
    {
        List<CloseRecord> all = [];
        await foreach (CloseRecord close in closes)
        {
            all.Add(close);
        }

        return all;
    }

    private sealed class Reader(CloseSubscription closes) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<CloseRecord> _closes = closes.GetAsyncEnumerator();

        public async Task<CloseRecord> NextAsync()
        {
            Assert.That(await Patience.ForAsync(_closes.MoveNextAsync().AsTask(), "the next close"));
            return _closes.Current;
        }

        public async ValueTask DisposeAsync()
        {
            await _closes.DisposeAsync();
            closes.Dispose();
        }
    }
}
