using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

/// <summary>How many connections to a backend are kept, and for how many requests and how long.</summary>
[TestFixture]
internal sealed class PoolLimitTests : EngineFixture
{
    [Test]
    public void A_connection_carries_its_number_of_requests_and_no_more()
    {
        StartPooled(new PoolOptions { MaxRequests = 3 });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Bed.Connect();
        for (int i = 0; i < 7; i++)
        {
            Send(client, Msg.Get());
        }

        Assert.That(Bed.Backend.Peers.Select(p => p.IsFinished), Is.EqualTo([true, true, false]));
        Assert.That(Bed.BackendCloses(CloseReason.PoolRequestLimit), Is.EqualTo(2));
        Assert.That(Bed.Status.Responses.Single(), Is.EqualTo(new StatusCount(2, 7)));
    }

    [Test]
    public void The_jitter_spreads_the_ages_at_which_connections_end_and_lets_none_grow_older()
    {
        StartPooled(new PoolOptions { MaxAge = TimeSpan.FromSeconds(20), MaxAgeJitter = 0.5 });
        OpenIdle(100);
        List<double> ages = [];
        for (int second = 1; second <= 20; second++)
        {
            Net.RunFor(TimeSpan.FromSeconds(1));
            Use(100);
            ages.AddRange(Enumerable.Repeat((double)second, (int)Bed.BackendCloses(CloseReason.PoolMaxAge) - ages.Count));
        }

        Assert.That(ages, Has.Count.EqualTo(100).And.All.InRange(10, 20));
        Assert.That(ages.Distinct().Count(), Is.GreaterThan(8));
    }

    [Test]
    public void The_maximum_of_idle_connections_is_of_all_loops_together()
    {
        Start(o => o with { Groups = [o.Groups[0] with { Pool = new PoolOptions { MaxIdle = 10 } }] }, loops: 3);
        OpenIdle(60);

        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(10));
        Assert.That(Bed.BackendCloses(CloseReason.PoolFull), Is.EqualTo(50));
        Assert.That(Net.Loops.Count(loop => loop.Connections.Count > 0), Is.GreaterThan(1), "several loops have some");
    }

    [TestCase(10, 5, TestName = "an even number")]
    [TestCase(7, 3, TestName = "one that leaves a rest")]
    [TestCase(1, 0, TestName = "fewer than loops")]
    public void A_loop_has_its_part_of_the_maximum_at_once_though_another_held_all_of_it(int max, int part)
    {
        Start(o => o with { Groups = [o.Groups[0] with { Pool = new PoolOptions { MaxIdle = max } }] }, loops: 2);
        SimPeer[] clients = [.. Enumerable.Range(0, 100).Select(_ => Bed.Connect())];
        Net.RunUntilIdle();
        UseFrom(clients, loop: 0, count: 10);
        Assert.That((IdleOn(0), IdleOn(1)), Is.EqualTo((max, 0)));
        UseFrom(clients, loop: 1, count: 10);

        Assert.That((IdleOn(0), IdleOn(1)), Is.EqualTo((max - part, part)));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(max));
        Assert.That(Bed.BackendCloses(CloseReason.PoolFull), Is.EqualTo(20 - max), "not one more than has to go");
    }

    [Test]
    public void A_loop_that_took_places_leaves_them_to_others_when_it_needs_them_no_more()
    {
        Start(o => o with { Groups = [o.Groups[0] with { Pool = new PoolOptions { MaxIdle = 10 } }] }, loops: 2);
        SimPeer[] clients = [.. Enumerable.Range(0, 100).Select(_ => Bed.Connect())];
        Net.RunUntilIdle();
        UseFrom(clients, loop: 0, count: 10);
        UseFrom(clients, loop: 1, count: 10);
        Net.RunFor(TimeSpan.FromSeconds(12));
        UseFrom(clients, loop: 1, count: 15);

        Assert.That((IdleOn(0), IdleOn(1)), Is.EqualTo((1, 9)));
    }

    [Test]
    public void A_lower_maximum_holds_for_what_is_idle_already()
    {
        Start(loops: 2);
        OpenIdle(30);
        Bed.Apply(o => o with { Groups = [o.Groups[0] with { Pool = new PoolOptions { MaxIdle = 4 } }] });

        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(4));
    }

    [Test]
    public void What_was_not_needed_for_ten_seconds_is_closed_but_for_one()
    {
        OpenIdle(20);
        Net.RunFor(TimeSpan.FromSeconds(9.9));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(20));
        Net.RunFor(TimeSpan.FromSeconds(1.2));

        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.PoolTrimmed), Is.EqualTo(19));
        Net.RunFor(TimeSpan.FromSeconds(48.5));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1), "it has its timeout");
    }

    [Test]
    public void As_many_are_kept_as_were_needed_at_once_in_that_time()
    {
        OpenIdle(20);
        for (int i = 0; i < 6; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(6));
            Use(5);
        }

        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(5));
        Assert.That(Bed.Status.BackendConnectionsOpened, Is.EqualTo(20));
    }

    [TestCase(ConnectOutcome.NoLocalPort)]
    [TestCase(ConnectOutcome.NoDescriptor)]
    public void What_this_machine_lacks_leads_to_no_other_backend(ConnectOutcome outcome)
    {
        Start(backends: 2);
        Net.SetOutcome(Bed.Backends[0].Address, outcome);
        Net.SetOutcome(Bed.Backends[1].Address, outcome);

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(503));
        Assert.That(Bed.Status.BackendConnectsFailed, Is.EqualTo(1));
        foreach (BackendStatus backend in Bed.Status.Backends)
        {
            Assert.That((backend.ConnectFailures, backend.RetriesAfterConnect, backend.RetriesRefused), Is.EqualTo((0, 0, 0)));
        }
    }

    [Test]
    public void Nothing_is_kept_of_places_when_connections_end()
    {
        Start(loops: 2);
        OpenIdle(30);
        foreach (SimPeer peer in Bed.Backend.Peers)
        {
            peer.Close();
        }

        Net.RunUntilIdle();
        Assert.That(Bed.Engine.GetStatus().BackendConnectionsIdle, Is.Zero);
        OpenIdle(30);
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(30));
    }

    /// <summary>Has so many requests at once, so that as many connections are idle afterwards.</summary>
    private void OpenIdle(int count) => Use(count);

    private void Use(int count) =>
        Use([.. Enumerable.Range(0, count).Select(_ => Bed.Connect())], "Connection: close\r\n");

    private void UseFrom(SimPeer[] clients, int loop, int count) => Use(
        [.. clients.Where(client => Net.Loops[loop].Connections.Any(c => c.Socket.Remote.Equals(client.Socket.Local)))
            .Take(count)],
        fields: "");

    private int IdleOn(int loop) => Net.Loops[loop].Connections.Count(c => c.Socket.Remote.Equals(Bed.Backend.Address));

    private void Use(SimPeer[] clients, string fields)
    {
        foreach (SimPeer client in clients)
        {
            client.Clear();
            client.Send(Msg.Get("/use", fields));
        }

        Net.RunUntilIdle();
        foreach (SimPeer peer in Bed.Backend.Peers.Where(p => p.Text.Contains("/use", StringComparison.Ordinal)))
        {
            peer.Clear();
            peer.Send(Msg.Ok());
        }

        Net.RunUntilIdle();
        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Has.All.EqualTo(200));
    }
}
