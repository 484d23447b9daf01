using System.Net;
using L7Engine.Clients;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>A bug while a connection is admitted: it costs that connection, and is told.</summary>
[TestFixture]
internal sealed class AdmissionBugTests : EngineFixture
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.Loopback, 9);

    private readonly LogLines _log = new();

    // The tenth takes the last place: to stop accepting is a part of admitting it.
    [Test]
    public void It_costs_one_connection_and_accepting_goes_on()
    {
        HasBug = true;
        StartWith(o => o with { Limits = new Limits { MaxClientConnections = 10 } });
        Bed.AnswerWith(Msg.Ok("done"));
        for (int i = 0; i < 9; i++)
        {
            Send(Bed.Connect(new IPAddress([127, 1, 0, (byte)i])), Msg.Get());
            Net.RunFor(TimeSpan.FromSeconds(2));
        }

        ThrowOnce(0, (listener, bug) => listener.OnStopAccepting = bug);
        SimPeer hit = Ask(Msg.Get());

        Assert.That((hit.IsOpen, hit.Text), Is.EqualTo((false, "")));
        Assert.That(Bed.Closed().Count(c => c.Reason == CloseReason.EngineFault), Is.EqualTo(1));
        Assert.That(_log.Of(604).ToList(), Has.Count.EqualTo(1));
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
    }

    [Test]
    public void While_places_are_short_it_confuses_nothing_that_keeps_track_of_connections([Range(1, 10)] int seed)
    {
        HasBug = true;
        Take(new EngineBed(
            seed, configure: o => o with { Limits = new Limits { MaxClientConnections = 10 } }, log: _log.Factory));
        Bed.AnswerWith(Msg.Ok("done"));
        for (int round = 0; round < 20; round++)
        {
            ThrowOnce(0, (listener, bug) => listener.OnStopAccepting = bug);
            for (int i = 0; i < 4; i++)
            {
                Bed.Connect(new IPAddress([127, 2, (byte)round, (byte)i])).Send(Msg.Get());
            }

            Net.RunFor(TimeSpan.FromSeconds(1.5));
        }

        Assert.That(_log.Of(604).Count(), Is.EqualTo(Bed.ClientCloses(CloseReason.EngineFault)).And.GreaterThan(5));
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
        Assert.That(_log.Of(105), Is.Empty);
    }

    [Test]
    public void A_connection_that_nobody_knows_yet_is_reset_and_entered()
    {
        var network = new SimNetwork();
        LoopSet loops = LoopWithCaps(network, out ListenerPlan plan);
        Worker worker = loops.Workers[0];
        IPEndPoint address = null!;
        network.Wait(() => loops.RunAsync(loop =>
        {
            // Without a table of its clients a cap cannot be looked after.
            address = loop.Open(plan, clients: null!, new IPEndPoint(IPAddress.Loopback, 0), isSibling: false);
            loop.Accept();
        }));

        SimPeer[] clients = [network.Connect(address), network.Connect(address)];
        network.RunUntilIdle();

        Assert.That(clients.Select(client => client.IsReset), Is.All.True);
        Assert.That(worker.Ledger.CopyNewest(9).Select(e => (e.Reason, e.Place)), Is.EqualTo(
            Enumerable.Repeat((CloseReason.EngineFault, plan.Options.Name), 2)));
        Assert.That(worker.Counters[LoopCounter.ClientsAccepted], Is.EqualTo(2));
        Assert.That(worker.Counters[LoopCounter.ClientsOpen], Is.Zero);
        Assert.That(_log.Of(604).ToList(), Has.Count.EqualTo(2));
        network.Wait(() => loops.StopAsync());
    }

    [Test]
    public void A_bug_of_accepting_itself_ends_the_listening_of_one_loop_and_is_told()
    {
        StartWith(loops: 2);
        Bed.AnswerWith(Msg.Ok("done"));
        ThrowOnce(0, (listener, bug) => listener.OnAccept = bug);
        for (int i = 0; i < 20 && Net.Loops[0].Listeners.Count > 0; i++)
        {
            Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
        }

        Assert.That((Net.Loops[0].Listeners.Count, Net.Loops[1].Listeners.Count), Is.EqualTo((0, 1)));
        Assert.That(_log.Of(105).Single(), Does.Contain($"{Bed.Engine.LocalEndPoints[0]}"));
        Assert.That(
            Enumerable.Range(0, 20).Select(_ => Msg.StatusOf(Ask(Msg.Get()).Text)), Is.All.EqualTo(200));
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(6));
        Assert.That(drain.IsCompletedSuccessfully);
    }

    private LoopSet LoopWithCaps(SimNetwork network, out ListenerPlan plan)
    {
        var caps = new ClientCapsOptions { Connections = 5 };
        var snapshot = new Snapshot(
            new LoadBalancerOptions
            {
                Loops = 1,
                Listeners = [new ListenerOptions { Name = "web", Address = Nowhere, ClientCaps = caps }],
                Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = Nowhere }] }],
            },
            new ViaToken());
        plan = snapshot.Listeners[0];
        Capacity capacity = Capacity.Of(snapshot.Limits, network.Transport, loops: 1, listeners: 1);
        return LoopSet.Of(snapshot, capacity, network.Transport, network.Clock, new Random(1), _log);
    }

    private void StartWith(Func<LoadBalancerOptions, LoadBalancerOptions>? configure = null, int loops = 1) =>
        Take(new EngineBed(loops: loops, configure: configure, log: _log.Factory));

    private void ThrowOnce(int loop, Action<MemoryListener, Action?> set)
    {
        MemoryListener listener = Net.Loops[loop].Listeners[0];
        set(listener, () =>
        {
            set(listener, null);
            throw new InvalidOperationException("A bug of a test.");
        });
    }
}
