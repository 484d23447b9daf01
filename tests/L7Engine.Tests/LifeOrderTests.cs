using System.Diagnostics.Metrics;
using System.Net;
using L7Engine.Tests.Support;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>Two calls of one engine, the second at every step of the first: each ends, and nothing is left.</summary>
[TestFixture]
internal sealed class LifeOrderTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 4001);

    public enum Call
    {
        Start,
        Apply,
        Drain,
        DrainListener,
        DrainClient,
        DrainBackend,
        Connections,
        Closed,
        Dispose,
    }

    [Test]
    public void Whatever_is_asked_while_something_is_under_way_ends_and_leaves_nothing(
        [Values(Call.Start, Call.Apply, Call.Drain, Call.DrainListener, Call.DrainBackend, Call.Connections, Call.Dispose)]
        Call first,
        [Values] Call second)
    {
        int meters = MeterCount();
        bool wasUnderWay = true;
        int plays = 0;
        for (int step = 0; wasUnderWay; step += 1 + (step / 20))
        {
            wasUnderWay = Play(first, second, step);
            plays++;
        }

        TestContext.Out.WriteLine($"{plays} plays");
        Assert.That(MeterCount(), Is.EqualTo(meters), "meters");
    }

    [Test]
    public void Who_ends_an_engine_in_the_last_moments_of_its_start_ends_all_of_it([Values(101, 606)] int line)
    {
        int meters = MeterCount();
        var bed = new Bed(1);
        Task? end = null;
        bed.Logged = id => end ??= id == line ? bed.Begin(Call.Dispose) : null;
        Task start = bed.Begin(Call.Start);
        bed.Network.RunFor(TimeSpan.FromMinutes(1));

        Assert.That(start.Exception?.InnerException, Is.TypeOf<ObjectDisposedException>());
        Assert.That(end!.IsCompletedSuccessfully);
        Assert.That(MeterCount(), Is.EqualTo(meters));
        bed.AssertNothingIsLeft("");
    }

    [Test]
    public void A_start_for_which_there_are_too_few_descriptors_makes_nothing_and_says_so()
    {
        var bed = new Bed(1);
        bed.Network.Transport.DescriptorLimit = 21;
        Task start = bed.Begin(Call.Start);

        Assert.That(((ListenException)start.Exception!.InnerException!).Message, Does.Contain("descriptor limit"));
        Assert.That(bed.Network.Loops, Is.Empty);
        bed.Network.Transport.DescriptorLimit = 22;
        bed.Network.Wait(bed.Begin(Call.Start));
        bed.Network.Wait(bed.Begin(Call.Dispose));
    }

    [Test]
    public void A_loop_that_cannot_be_made_fails_the_start_and_those_before_it_end()
    {
        var bed = new Bed(1);
        bed.Network.Transport.MaxLoops = 1;
        Task start = bed.Begin(Call.Start);
        bed.Network.RunUntilIdle();

        var told = (ListenException)start.Exception!.InnerException!;
        Assert.That(told.Address, Is.EqualTo(Address));
        Assert.That(told.Message, Does.Contain("descriptor limit"));
        Assert.That(bed.Network.Loops, Has.Count.EqualTo(1));
        bed.AssertNothingIsLeft("");
        Assert.That(() => bed.Engine.ApplyAsync(bed.Options).GetAwaiter().GetResult(), Throws.InvalidOperationException);
        bed.Network.Wait(bed.Begin(Call.Dispose));
    }

    /// <returns>False when the first call had ended by then.</returns>
    private static bool Play(Call first, Call second, int step)
    {
        string what = $"{first}, after {step} steps {second}";
        var bed = new Bed(step + 1);
        if (first != Call.Start)
        {
            bed.Network.Wait(bed.Begin(Call.Start));
            bed.Network.Connect(Address).Send(Msg.Get());
            bed.Network.RunUntilIdle();
        }

        Task one = bed.Begin(first);
        long until = bed.Network.Scheduler.Steps + step;
        bed.Network.Scheduler.TryRunUntil(() => bed.Network.Scheduler.Steps >= until, TimeSpan.TicksPerMinute);
        bool wasUnderWay = !one.IsCompleted;
        Task two = bed.Begin(second);
        bed.Network.RunFor(TimeSpan.FromMinutes(1));
        AssertEnded(one, what);
        AssertEnded(two, what);

        Task end = bed.Begin(Call.Dispose);
        bed.Network.RunFor(TimeSpan.FromMinutes(1));
        AssertEnded(end, what);
        Assert.That(end.IsCompletedSuccessfully, what);
        bed.AssertNothingIsLeft(what);
        return wasUnderWay;
    }

    private static void AssertEnded(Task task, string what)
    {
        // Of two that await one task the platform lets only the first go on in place.
        Assert.That(((IAsyncResult)task).AsyncWaitHandle.WaitOne(10_000), what);
        Assert.That(task.Exception?.InnerException, Is.Null.Or.InstanceOf<InvalidOperationException>().Or.TypeOf<ArgumentException>(), what);
        if (task.Exception?.InnerException is ObjectDisposedException disposed)
        {
            Assert.That(disposed.ObjectName, Is.EqualTo(typeof(LoadBalancer).FullName), what);
        }
    }

    // One of these is in each meter.
    private static int MeterCount()
    {
        int count = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) => count += instrument.Name == "l7engine.faults" ? 1 : 0,
        };
        listener.Start();
        return count;
    }

    /// <summary>An engine of two loops that is not started, with a backend that never answers, and one by name.</summary>
    private sealed class Bed : ILogger
    {
        private readonly PlayedResolver _resolver = new();
        private readonly SimServer _backend;

        public Bed(int seed)
        {
            Network = new SimNetwork(seed);
            _backend = Network.Listen();
            _resolver.Set("name", "127.0.0.9");
            Options = new LoadBalancerOptions
            {
                Loops = 2,
                Listeners = [new ListenerOptions { Name = "web", Address = Address }],
                Groups =
                [
                    new BackendGroupOptions { Backends = [new BackendOptions { Address = _backend.Address }] },
                    new BackendGroupOptions
                    {
                        Name = "named",
                        Backends = [new BackendOptions { Address = new DnsEndPoint("name", 80) }],
                    },
                ],
                Routes = [new RouteOptions { Group = "default" }],
                Timeouts = new Timeouts { Drain = TimeSpan.FromSeconds(3) },
            };
            Engine = new LoadBalancer(
                Options, new OneLog(this), Network.Transport, Network.Clock, new Random(seed), _resolver.ResolveAsync);
        }

        public SimNetwork Network { get; }

        public LoadBalancerOptions Options { get; }

        public LoadBalancer Engine { get; }

        /// <summary>Told the id of each line.</summary>
        public Action<int>? Logged { get; set; }

        public Task Begin(Call call)
        {
            using NoContext _ = NoContext.Enter();
            try
            {
                return Of(call);
            }
            catch (InvalidOperationException refused)
            {
                return Task.FromException(refused);
            }
        }

        public void AssertNothingIsLeft(string what)
        {
            Assert.That(Network.Loops.Select(loop => loop.Post(_ => { }, null)), Is.All.False, $"{what}: loops");
            Assert.That(() => Network.Listen(Address).Close(), Throws.Nothing, $"{what}: the address");
            int asked = _resolver.Asked.Count;
            Network.RunFor(TimeSpan.FromMinutes(10));
            Assert.That(_resolver.Asked, Has.Count.EqualTo(asked), $"{what}: names");
            LoadBalancerStatus status = Engine.GetStatus();
            Assert.That((status.ClientConnectionsOpen, status.BackendConnectionsOpen), Is.EqualTo((0, 0)), what);
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Logged?.Invoke(eventId.Id);

        private Task Of(Call call) => call switch
        {
            Call.Start => Engine.StartAsync(),
            Call.Apply => Engine.ApplyAsync(Options with
            {
                Listeners =
                [
                    new ListenerOptions { Name = "other", Address = new IPEndPoint(IPAddress.Loopback, 4002) },
                ],
            }),
            Call.Drain => Engine.DrainAsync(),
            Call.DrainListener => Engine.DrainListenerAsync("web"),
            Call.DrainClient => Engine.DrainClientAsync(IPAddress.Loopback),
            Call.DrainBackend => Engine.DrainBackendAsync(
                "default", _backend.Address, TimeSpan.FromSeconds(3)),
            Call.Connections => Engine.GetConnectionsAsync(),
            Call.Closed => Engine.GetClosedAsync(),
            _ => Engine.DisposeAsync().AsTask(),
        };
    }
}
