using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace L7Engine.Tests.Support;

/// <summary>Tests of a whole engine on a network in memory. After each one nothing may be left of what it held.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class EngineFixture
{
    private EngineBed? _bed;

    /// <summary>The engine of this test: with default options and one backend unless it was started before.</summary>
    protected EngineBed Bed => _bed ??= new EngineBed();

    protected SimNetwork Net => Bed.Network;

    /// <summary>True when the test makes a bug, which may leave something behind.</summary>
    protected bool HasBug { get; set; }

    /// <summary>The newest connection to the first backend.</summary>
    protected SimPeer Backend => Bed.Newest();

    protected EngineBed Start(
        Func<LoadBalancerOptions, LoadBalancerOptions>? configure = null, int backends = 1, int seed = 1, int loops = 1) =>
        _bed = new EngineBed(seed, backends, loops, configure);

    /// <summary>Takes an engine that was started elsewhere.</summary>
    protected EngineBed Take(EngineBed bed) => _bed = bed;

    /// <summary>Starts with other options for the only listener.</summary>
    protected EngineBed StartListener(Func<ListenerOptions, ListenerOptions> configure) =>
        Start(o => o with { Listeners = [configure(o.Listeners[0])] });

    /// <summary>Starts with other timeouts.</summary>
    protected EngineBed StartTimed(Timeouts timeouts, int backends = 1) =>
        Start(o => o with { Timeouts = timeouts }, backends);

    /// <summary>Starts so that nothing but a gap is too slow.</summary>
    protected EngineBed StartWithoutMinimumRate(Timeouts? timeouts = null) => Start(o => o with
    {
        Listeners = [o.Listeners[0] with { SlowClients = new SlowClientOptions { MinimumRateBytes = 0 } }],
        Timeouts = timeouts ?? o.Timeouts,
    });

    /// <summary>Starts with other limits.</summary>
    protected EngineBed StartLimited(Limits limits, int backends = 1) => Start(o => o with { Limits = limits }, backends);

    /// <summary>Starts with another pool for the only group.</summary>
    protected EngineBed StartPooled(PoolOptions pool, int backends = 1) =>
        Start(o => o with { Groups = [o.Groups[0] with { Pool = pool }] }, backends);

    /// <summary>Sends on a connection of its own and runs until nothing is under way.</summary>
    protected SimPeer Ask(string request) => Bed.Ask(request);

    /// <summary>Sends and runs until nothing is under way.</summary>
    protected void Send(SimPeer peer, string text)
    {
        peer.Send(text);
        Net.RunUntilIdle();
    }

    [TearDown]
    public void Nothing_is_left_of_what_the_engine_held()
    {
        if (_bed is null || TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
        {
            return;
        }

        _bed.Stop();
        LoadBalancerStatus status = _bed.Status;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_bed.ClientCloses(CloseReason.EngineFault) > 0, Is.EqualTo(HasBug), "bugs");
            Assert.That((status.ClientConnectionsOpen, status.ClientConnectionsIdle, status.Tunnels), Is.EqualTo((0, 0, 0)));
            Assert.That((status.BackendConnectionsOpen, status.BackendConnectionsIdle), Is.EqualTo((0, 0)));
            Assert.That(status.Groups.Sum(g => g.RequestsWaiting), Is.Zero);
            Assert.That(status.Backends.Sum(b => Math.Abs(b.RequestsInFlight) + Math.Abs(b.ConnectionsOpen)), Is.Zero);
            Assert.That(status.ClientCloses.Sum(c => c.Count), Is.EqualTo(status.ClientConnectionsAccepted), "client closes");
            Assert.That(
                status.BackendCloses.Sum(c => c.Count),
                Is.EqualTo(status.BackendConnectionsOpened + status.BackendConnectsFailed), "backend closes");
            Assert.That(
                status.Backends.Sum(b => b.ConnectFailures),
                Is.EqualTo(_bed.BackendCloses(CloseReason.BackendConnectFailed) + _bed.BackendCloses(CloseReason.BackendConnectTimeout)));
            Assert.That(_bed.Engine.Clients.Sum(table => table.Count), Is.Zero, "places of clients");
            Assert.That(HasBug || _bed.Network.Loops.Sum(loop => loop.Blocks.RentedCount) == 0, "blocks");
        }
    }
}
