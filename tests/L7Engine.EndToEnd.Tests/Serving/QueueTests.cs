using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>A thousand connections, over real sockets, to a group with ten places.</summary>
[TestFixture]
internal sealed class QueueTests
{
    private const int Connections = 1_000;
    private const int Places = 10;
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task All_are_served_and_the_backends_never_have_more_than_their_places([Values(1, 3)] int loops)
    {
        var haveCome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var first = new CountingBackend(answersAfter: haveCome.Task);
        await using var second = new CountingBackend(answersAfter: haveCome.Task);
        await using LoadBalancer balancer =
            await StartAsync([first, second], loops, new QueueOptions { Timeout = TimeSpan.FromMinutes(10) });
        WireStream[] clients = await ConnectAsync(balancer);

        Task<int[]> asking = Task.WhenAll(clients.Select(AskAsync));
        Assert.That(Patience.Until(() => InFlight(balancer) + Waiting(balancer) == Connections), "all have come");
        haveCome.SetResult();
        int[] statuses = await asking;

        Array.ForEach(clients, c => c.Dispose());
        Assert.That(statuses, Is.All.EqualTo(200));
        Assert.That((first.MostAtOnce, second.MostAtOnce), Is.EqualTo((Places / 2, Places / 2)));
        GroupStatus group = balancer.GetStatus().Groups[0];
        Assert.That(group.RequestsQueued, Is.EqualTo(Connections - Places));
        Assert.That((group.RequestsWaiting, group.QueueTimeouts, group.QueueRefusals), Is.EqualTo((0, 0L, 0L)));
        Assert.That(Patience.Until(() => balancer.GetStatus().Backends.Sum(b => b.RequestsInFlight) == 0));
    }

    // The backends answer nothing: ten have their places, a hundred wait, and the rest has no room.
    [Test]
    public async Task Who_has_no_room_and_who_waits_too_long_is_told_503_and_when_to_come_again([Values(1, 3)] int loops)
    {
        // Where it takes longer until all have come, who waits has gone by then, and others have its room.
        var timeout = TimeSpan.FromSeconds(1);
        while (!await TryFillAsync(loops, timeout))
        {
            timeout *= 4;
        }
    }

    [Test]
    public async Task A_client_that_goes_leaves_the_queue_and_its_place_is_the_nexts([Values] bool reset)
    {
        await using var silent = new CountingBackend();
        await using LoadBalancer balancer =
            await StartAsync([silent], 1, new QueueOptions { Timeout = TimeSpan.FromMinutes(10) }, places: 1);
        WireStream[] clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => FromAsync(balancer, i)));
        foreach (WireStream client in clients)
        {
            await client.SendAsync(Request);
            Assert.That(Patience.Until(() => InFlight(balancer) + Waiting(balancer) > Array.IndexOf(clients, client)));
        }

        if (reset)
        {
            clients[1].Reset();
        }

        clients[1].Dispose();

        Assert.That(Patience.Until(() => Waiting(balancer) == 1));
        clients[0].Reset();
        clients[2].Reset();
        Assert.That(Patience.Until(() => InFlight(balancer) + Waiting(balancer) == 0));
    }

    private static async Task<bool> TryFillAsync(int loops, TimeSpan timeout)
    {
        await using var silent = new CountingBackend();
        await using LoadBalancer balancer =
            await StartAsync([silent, silent], loops, new QueueOptions { MaxWaiting = 100, Timeout = timeout });
        WireStream[] clients = await ConnectAsync(balancer);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(clients.Select(c => c.SendAsync(Request)));
        Assert.That(Patience.Until(() => balancer.GetStatus().Requests == Connections), "all have come");
        bool haveComeInTime = clock.Elapsed < timeout;

        WireHead[] heads = await FirstAsync(clients, Connections - (Places / 2));

        Array.ForEach(clients, c => c.Reset());
        if (haveComeInTime)
        {
            AssertRefused(heads, balancer.GetStatus().Groups[0], timeout);
            Assert.That(Patience.Until(() => InFlight(balancer) == 0));
        }

        return haveComeInTime;
    }

    private static void AssertRefused(WireHead[] heads, GroupStatus group, TimeSpan timeout)
    {
        Assert.That(heads.Select(h => (h.Status, h["Retry-After"])), Is.All.EqualTo((503, "1")));
        Assert.That(heads.Count(h => h["Connection"] == "close"), Is.EqualTo(100), "those that waited");
        Assert.That((group.QueueTimeouts, group.RequestsWaiting), Is.EqualTo((100L, 0)));
        Assert.That(group.LongestWait, Is.GreaterThanOrEqualTo(timeout));
    }

    private static int Waiting(LoadBalancer balancer) => balancer.GetStatus().Groups[0].RequestsWaiting;

    private static int InFlight(LoadBalancer balancer) => balancer.GetStatus().Backends.Sum(b => b.RequestsInFlight);

    private static async Task<LoadBalancer> StartAsync(
        CountingBackend[] backends, int loops, QueueOptions queue, int places = Places / 2)
    {
        LoadBalancerOptions options = Engines.Options(backends[0].Address) with { Loops = loops };
        var balancer = new LoadBalancer(options with
        {
            Groups =
            [
                options.Groups[0] with
                {
                    Queue = queue,
                    Backends =
                    [
                        .. backends.Select(b => b.Address).Distinct()
                            .Select(a => new BackendOptions { Address = a, MaxConnections = places }),
                    ],
                },
            ],
        });
        await balancer.StartAsync();
        return balancer;
    }

    private static async Task<WireStream[]> ConnectAsync(LoadBalancer balancer)
    {
        var clients = new List<WireStream>();
        for (int i = 0; i < Connections; i++)
        {
            clients.Add(await FromAsync(balancer, i % 20));
        }

        return [.. clients];
    }

    private static async Task<WireStream> FromAsync(LoadBalancer balancer, int client)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + client)]), 0));
        await socket.ConnectAsync(balancer.LocalEndPoints[0]);
        return new WireStream(socket);
    }

    private static async Task<int> AskAsync(WireStream client)
    {
        await client.SendAsync(Request);
        WireHead? head = await client.ReadHeadAsync();
        await client.ReadBodyAsync(head!);
        return head!.Status;
    }

    private static async Task<WireHead[]> FirstAsync(WireStream[] clients, int count)
    {
        var heads = new List<WireHead>();
        List<Task<WireHead?>> reading = [.. clients.Select(c => c.ReadHeadAsync())];
        await foreach (Task<WireHead?> read in Task.WhenEach(reading))
        {
            heads.Add((await read)!);
            if (heads.Count == count)
            {
                break;
            }
        }

        return [.. heads];
    }

    /// <summary>Answers a moment after it may, or never, and counts a second time how many requests it has at once.</summary>
    private sealed class CountingBackend : IAsyncDisposable
    {
        private readonly ScriptedBackend _backend;
        private readonly TaskCompletionSource _end = new();
        private readonly Lock _counting = new();
        private int _atOnce;

        /// <param name="answersAfter">Null is never.</param>
        public CountingBackend(Task? answersAfter = null) =>
            _backend = new ScriptedBackend(stream => ServeAsync(stream, answersAfter ?? _end.Task));

        public IPEndPoint Address => _backend.Address;

        public int MostAtOnce { get; private set; }

        public async ValueTask DisposeAsync()
        {
            _end.TrySetResult();
            await _backend.DisposeAsync();
        }

        private async Task ServeAsync(WireStream stream, Task mayAnswer)
        {
            while (await stream.ReadHeadAsync() is not null)
            {
                Count(1);
                await mayAnswer;
                await Task.Delay(2);
                Count(-1);
                await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
            }
        }

        private void Count(int change)
        {
            lock (_counting)
            {
                _atOnce += change;
                MostAtOnce = Math.Max(MostAtOnce, _atOnce);
            }
        }
    }
}
