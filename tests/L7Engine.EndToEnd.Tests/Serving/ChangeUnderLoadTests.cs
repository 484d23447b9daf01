using System.Net;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>Drains and reloads while clients that stop at <c>close</c> ask all the time, on real sockets.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChangeUnderLoadTests : IDisposable
{
    private const int Changes = 50;
    private const int Clients = 8;
    private const int Idle = 20;

    private readonly CancellationTokenSource _end = new();
    private PoliteClient[] _clients = [];
    private Task _load = Task.CompletedTask;

    public void Dispose() => _end.Dispose();

    [Test]
    public async Task At_fifty_reloads_every_request_is_answered_and_no_connection_is_closed()
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        await using ScriptedBackend two = ScriptedBackend.Saying("two");
        LoadBalancerOptions options = WithoutRequestLimit(Engines.Options(one.Address));
        await using var balancer = new LoadBalancer(options);
        await balancer.StartAsync();
        IPEndPoint address = balancer.LocalEndPoints[0];
        WireStream[] idle = await Task.WhenAll(Enumerable.Range(0, Idle).Select(_ => AskedAsync(address)));
        Task load = StartClients(() => address);

        for (int i = 0; i < Changes; i++)
        {
            await balancer.ApplyAsync(Changed(options, i, one.Address, two.Address));
            await GoOnAsync();
        }

        _end.Cancel();
        await load;
        foreach (WireStream stream in idle)
        {
            Assert.That(await AskAsync(stream), Is.EqualTo(200));
            stream.Dispose();
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_clients.Select(c => (c.Connected, c.ToldToClose, c.LostFirst, c.LostLater)), Is.All.EqualTo((1, 0, 0, 0)));
            Assert.That(_clients.Sum(c => c.Answered), Is.GreaterThan(Changes));
            Assert.That(balancer.GetStatus().ClientCloses.Where(c => c.Reason is not (CloseReason.ClientClosed or CloseReason.Reset)), Is.Empty);
        }
    }

    [Test]
    public async Task At_fifty_drains_every_request_on_an_accepted_connection_is_answered()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        LoadBalancerOptions options = WithoutRequestLimit(Engines.Options(backend.Address));
        options = options with { Listeners = [Named("a"), Named("b")] };
        var current = new Current(new LoadBalancer(options));
        await current.Balancer.StartAsync();
        current.Address = current.Balancer.LocalEndPoints[0];
        Task load = StartClients(() => current.Address);
        long accepted = 0;

        for (int i = 0; i < Changes; i++)
        {
            DrainResult drained;
            if (i % 2 == 0)
            {
                // One listener goes, the other takes over; then the first comes back.
                string name = i % 4 == 0 ? "a" : "b";
                current.Address = current.Balancer.LocalEndPoints[i % 4 == 0 ? 1 : 0];
                drained = await current.Balancer.DrainListenerAsync(name);
                await current.Balancer.ApplyAsync(options);
            }
            else
            {
                // A whole engine goes, another takes over.
                LoadBalancer old = current.Balancer;
                current.Balancer = new LoadBalancer(options);
                await current.Balancer.StartAsync();
                current.Address = current.Balancer.LocalEndPoints[i % 4 == 1 ? 1 : 0];
                drained = await old.DrainAsync();
                accepted += old.GetStatus().ClientConnectionsAccepted;
                Assert.That(old.GetStatus().RequestsCrossed, Is.Zero);
                await old.DisposeAsync();
            }

            Assert.That(drained.CutAtDeadline, Is.Zero);
            await GoOnAsync();
        }

        _end.Cancel();
        await load;
        accepted += current.Balancer.GetStatus().ClientConnectionsAccepted;
        await current.Balancer.DisposeAsync();

        // What the kernel had for an address that was closed in that moment it resets: nobody has accepted that.
        int connected = _clients.Sum(c => c.Connected);
        TestContext.Out.WriteLine(
            $"{connected} connections, {connected - accepted} of them not accepted, {_clients.Sum(c => c.Answered)} answers");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_clients.Sum(c => c.LostLater), Is.Zero);
            Assert.That(_clients.Sum(c => c.LostFirst), Is.LessThanOrEqualTo(connected - accepted));
            Assert.That(_clients.Sum(c => c.ToldToClose), Is.GreaterThanOrEqualTo(Changes));
        }
    }

    private Task StartClients(Func<IPEndPoint> address)
    {
        _clients = [.. Enumerable.Range(1, Clients).Select(seed => new PoliteClient(address, seed))];
        return _load = Task.WhenAll(_clients.Select(client => Task.Run(() => client.RunAsync(_end.Token))));
    }

    // Until every client has had some more responses.
    private async Task GoOnAsync()
    {
        int[] before = [.. _clients.Select(c => c.Answered)];
        bool GoOn() => _load.IsFaulted || _clients.Select((c, i) => c.Answered > before[i] + 1).All(b => b);
        bool goOn = await Task.Run(() => Patience.Until(GoOn));
        Assert.That(goOn && !_load.IsFaulted, $"the clients do not get on: {_load.Exception}");
    }

    private static LoadBalancerOptions Changed(LoadBalancerOptions options, int number, IPEndPoint one, IPEndPoint two)
    {
        BackendOptions[] backends = [new BackendOptions { Address = one, Weight = 1 + (number % 3) }, new BackendOptions { Address = two }];
        ListenerOptions listener = options.Listeners[0] with
        {
            KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(60 + number), MaxRequests = 0 },
            TcpKeepAlive = new TcpKeepAliveOptions { Probes = 1 + (number % 9) },
            Backlog = 1_000 + number,
        };
        return options with
        {
            Listeners = number % 4 == 0 ? [listener, Named("second")] : [listener],
            Groups = [options.Groups[0] with { Backends = number % 2 == 0 ? backends : [backends[number % 3 == 0 ? 0 : 1]] }],
            Timeouts = new Timeouts { RequestHead = TimeSpan.FromSeconds(20 + number) },
        };
    }

    private static LoadBalancerOptions WithoutRequestLimit(LoadBalancerOptions options) => options with
    {
        Listeners = [options.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
    };

    private static ListenerOptions Named(string name) => new()
    {
        Name = name,
        Address = new IPEndPoint(IPAddress.Loopback, 0),
        KeepAlive = new KeepAliveOptions { MaxRequests = 0 },
    };

    private static async Task<WireStream> AskedAsync(IPEndPoint address)
    {
        WireStream stream = await WireStream.ConnectAsync(address);
        Assert.That(await AskAsync(stream), Is.EqualTo(200));
        return stream;
    }

    private static async Task<int> AskAsync(WireStream stream)
    {
        await stream.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        WireHead head = await stream.ReadHeadAsync() ?? throw new InvalidOperationException("The connection has ended.");
        await stream.ReadExactlyAsync((int)head.Length!.Value);
        return head.Status;
    }

    private sealed class Current(LoadBalancer balancer)
    {
        private volatile IPEndPoint _address = new(IPAddress.None, 0);

        public LoadBalancer Balancer { get; set; } = balancer;

        public IPEndPoint Address
        {
            get => _address;
            set => _address = value;
        }
    }
}
