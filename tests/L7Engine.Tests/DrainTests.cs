using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>Drains: of the engine, of one listener, of one client; and when their connections end.</summary>
[TestFixture]
internal sealed class DrainTests : EngineFixture
{
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 4001);

    [Test]
    public void The_closes_of_idle_connections_are_spread_over_the_window()
    {
        Bed.AnswerWith(Msg.Ok());
        var ends = new List<TimeSpan>();
        for (int i = 0; i < 50; i++)
        {
            Ask(Msg.Get()).OnEnded = peer =>
            {
                ends.Add(Net.Now);
                peer.Close();
            };
        }

        Net.RunFor(TimeSpan.FromSeconds(5));
        TimeSpan begin = Net.Now;
        Task<DrainResult> drain = Bed.DrainAsync();

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(50, 0)));
        double[] seconds = [.. ends.Select(end => (end - begin).TotalSeconds)];
        Assert.That(Net.Now - begin, Is.LessThan(TimeSpan.FromSeconds(5.2)));
        for (int second = 0; second < 5; second++)
        {
            Assert.That(seconds.Count(s => s >= second && s < second + 1), Is.InRange(7, 13), $"in second {second}");
        }
    }

    [Test]
    public void A_request_in_the_window_is_answered_with_close()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] clients = [.. Enumerable.Range(0, 10).Select(_ => Ask(Msg.Get()))];
        Net.RunFor(TimeSpan.FromSeconds(5));
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(2));
        Assert.That(Bed.Status.ClientConnectionsIdle, Is.InRange(5, 7));
        clients[9].Clear();
        Send(clients[9], Msg.Get());

        Assert.That(Msg.Field(clients[9].Text, "Connection"), Is.EqualTo("close"));
        Assert.That(clients[9].IsFinished);
        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(10, 0)));
    }

    [Test]
    public void The_window_is_at_most_half_of_the_deadline()
    {
        StartTimed(new Timeouts { DrainSpread = TimeSpan.FromMinutes(10), Linger = TimeSpan.FromMilliseconds(100) });
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 20; i++)
        {
            Ask(Msg.Get());
        }

        Net.RunFor(TimeSpan.FromSeconds(2));
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(8));
        Net.RunFor(TimeSpan.FromSeconds(4.3));

        Assert.That(drain.IsCompleted);
        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(20, 0)));
    }

    [Test]
    public void A_cut_names_the_setting_only_while_it_is_the_setting_that_was_over()
    {
        SimPeer first = Bed.Connect(Other);
        first.Send(Msg.Get());
        Net.RunUntilIdle();
        Net.Wait(Drain(engine => engine.DrainClientAsync(Other)));
        Ask(Msg.Get());
        Net.Wait(Bed.DrainAsync(TimeSpan.FromSeconds(5)));

        IEnumerable<CloseRecord> cut = Bed.Closed().Where(c => c.Reason == CloseReason.DrainDeadline);
        Assert.That(
            cut.OrderBy(c => c.ClosedAt).Select(c => c.Setting?.Name),
            Is.EqualTo((string?[])["timeouts.drain", "timeouts.drain", null, null]));
    }

    [Test]
    public void A_drain_without_time_cuts_at_once_and_counts_what_lost_something_alone()
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());
        Bed.Backend.OnAccepted = null;
        Ask(Msg.Get());
        Bed.Connect();
        Net.RunUntilIdle();
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.Zero);
        Net.RunUntilIdle();

        Assert.That(drain.IsCompleted);
        Assert.That(Net.Wait(drain).CutAtDeadline, Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void Live_counts_tell_what_a_drain_waits_for()
    {
        Ask(Msg.Get());
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p => p.Send(Msg.Ok());
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(2));
        _ = Bed.DrainAsync();
        Net.RunUntilIdle();

        LoadBalancerStatus status = Bed.Status;
        Assert.That((status.IsDraining, status.RequestsInFlight, status.Tunnels), Is.EqualTo((true, 1, 0)));
        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That((Bed.Status.RequestsInFlight, Bed.Status.ClientConnectionsOpen), Is.EqualTo((1, 1)));
        Net.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(Bed.Status.RequestsInFlight, Is.Zero);
    }

    [Test]
    public void A_bug_in_a_loop_fails_the_drain_that_met_it_and_the_loop_goes_on()
    {
        Start(WithSecond);
        Bed.AnswerWith(Msg.Ok());
        MemoryListener listener = Net.Loops[0].Listeners.Single(l => l.Address.Equals(Second));
        listener.HasBug = true;

        Assert.That(
            () => Net.Wait(Drain(engine => engine.DrainListenerAsync("b"))), Throws.InvalidOperationException);
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    // Requests come in every moment around the slot, many in the very turn of it: whether the loop sees them, has them
    // in its socket unseen, or sends its FIN first, the seed decides.
    [Test]
    public void A_request_that_reaches_us_before_our_fin_is_answered([Range(1, 60)] int seed, [Values(1, 3)] int loops)
    {
        Start(seed: seed, loops: loops, configure: o => o with { Timeouts = new Timeouts { DrainSpread = TimeSpan.Zero } });
        Bed.AnswerWith(Msg.Ok("served"));
        const int Count = 60;
        SimPeer[] clients = [.. Enumerable.Range(0, Count).Select(_ => Ask(Msg.Get()))];
        Net.RunFor(TimeSpan.FromSeconds(3));
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunUntilIdle();
        TimeSpan slot = TimeSpan.FromMilliseconds((Math.Floor(Net.Now.TotalMilliseconds / 100) + 1) * 100);
        var random = new SimRandom(seed);
        var written = new List<SimPeer>();
        foreach (SimPeer client in clients)
        {
            client.Clear();
            client.OnEnded = peer => peer.Close();
            TimeSpan off = random.Chance(0.7) ? TimeSpan.Zero : TimeSpan.FromTicks(random.Next(200) - 100);
            new Simulation.SimTimer(Net.Scheduler, () =>
            {
                // Who has seen the end writes no more.
                if (!client.IsClosed)
                {
                    written.Add(client);
                    client.Send(Msg.Get());
                }
            }).After(slot + off - Net.Now);
        }

        Net.Wait(drain);
        SimPeer[] unanswered = [.. written.Where(client => client.Text.Length == 0)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Net.Loops.Sum(loop => loop.FinsBeforeUnread), Is.Zero, "a request had reached the socket");
            Assert.That(written.Except(unanswered).Select(c => c.Text), Is.All.EndsWith("served"));
            Assert.That(written.Except(unanswered).Select(c => c.IsReset), Is.All.False);
            Assert.That(unanswered, Has.Length.EqualTo(Bed.Status.RequestsCrossed), "only what crossed the FIN is not");
            Assert.That(Bed.Status.Requests, Is.EqualTo(Count + written.Count - unanswered.Length), "it goes to no backend");
        }
    }

    [Test]
    public void A_client_that_asks_again_within_a_second_never_loses_a_request([Range(1, 20)] int seed, [Values(1, 3)] int loops)
    {
        Start(seed: seed, loops: loops, configure: o => o with { Timeouts = new Timeouts { DrainSpread = TimeSpan.Zero } });
        Bed.AnswerWith(Msg.Ok());
        var random = new SimRandom(seed);
        var clients = new List<AskingClient>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(new AskingClient(Net, Bed.Connect(), random));
        }

        Net.RunFor(TimeSpan.FromSeconds(2));
        Task<DrainResult> drain = Bed.DrainAsync();

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(20, 0)));
        Assert.That(clients.Select(c => (c.Asked, c.WasTold)), Is.EqualTo(clients.Select(c => (c.Answered, true))));
        Assert.That(Bed.Status.RequestsCrossed, Is.Zero);
    }

    [Test]
    public void A_request_that_crosses_the_fin_goes_to_no_backend_and_is_counted()
    {
        StartTimed(new Timeouts { DrainSpread = TimeSpan.Zero });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        client.Clear();
        Net.RunFor(TimeSpan.FromSeconds(2));
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunUntil(() => client.IsFinished);
        Send(client, Msg.Get());
        client.Close();

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(1, 0)));
        Assert.That(client.Text, Is.Empty);
        Assert.That((Bed.Status.Requests, Bed.Status.RequestsCrossed), Is.EqualTo((1, 1)));
    }

    [Test]
    public void One_listener_drains_and_the_other_goes_on([Values(1, 3)] int loops)
    {
        Start(WithSecond, loops: loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer stays = Ask(Msg.Get());
        SimPeer goes = Net.Connect(Second);
        Send(goes, Msg.Get());
        goes.OnEnded = peer => peer.Close();
        Task<DrainResult> drain = Drain(engine => engine.DrainListenerAsync("b"));

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(1, 0)));
        Assert.That((Bed.Status.IsDraining, stays.IsFinished), Is.EqualTo((false, false)));
        Assert.That(Bed.Engine.LocalEndPoints, Has.Count.EqualTo(1));
        Assert.That(Net.Connect(Second), Has.Property(nameof(SimPeer.IsOpen)).False);
        stays.Clear();
        Send(stays, Msg.Get());
        Assert.That(Msg.Field(stays.Text, "Connection"), Is.EqualTo("keep-alive"));
    }

    [Test]
    public void A_listener_that_was_drained_is_opened_anew_by_the_next_configuration()
    {
        Start(WithSecond);
        Bed.AnswerWith(Msg.Ok());
        Net.Wait(Drain(engine => engine.DrainListenerAsync("b")));

        ApplyResult result = Bed.Apply(o => o);
        SimPeer client = Net.Connect(Second);
        Send(client, Msg.Get());

        Assert.That((result.ListenersKept, result.ListenersOpened), Is.EqualTo((1, 1)));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));
    }

    [Test]
    public void A_listener_that_is_not_open_cannot_be_drained()
    {
        Start(WithSecond);
        Net.Wait(Drain(engine => engine.DrainListenerAsync("b")));

        Assert.That(() => Net.Wait(Drain(engine => engine.DrainListenerAsync("b"))), Throws.ArgumentException);
        Assert.That(() => Net.Wait(Drain(engine => engine.DrainListenerAsync("x"))), Throws.ArgumentException);
        Assert.That(
            () => Net.Wait(Drain(engine => engine.DrainListenerAsync("default", TimeSpan.FromSeconds(-1)))),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_connections_of_one_client_drain_and_its_new_ones_are_served([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] theirs = [.. Enumerable.Range(0, 6).Select(_ => Asking(Other))];
        SimPeer mine = Asking(IPAddress.Loopback);
        Task<DrainResult> drain = Drain(engine => engine.DrainClientAsync(Other));
        Net.RunUntilIdle();
        SimPeer late = Asking(Other);

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(6, 0)));
        Assert.That(theirs.Select(t => t.IsFinished), Is.All.True);
        Assert.That((mine.IsFinished, late.IsFinished), Is.EqualTo((false, false)));
        Assert.That(Msg.Field(late.Text, "Connection"), Is.EqualTo("keep-alive"));
    }

    [Test]
    public void A_client_without_connections_is_drained_at_once()
    {
        Task<DrainResult> drain = Drain(engine => engine.DrainClientAsync(Other));
        Net.RunUntilIdle();

        Assert.That(drain.IsCompleted);
        Assert.That(Net.Wait(drain), Is.EqualTo(default(DrainResult)));
    }

    [Test]
    public void A_drain_of_all_takes_over_from_a_drain_of_a_part()
    {
        Start(WithSecond);
        SimPeer busy = Net.Connect(Second);
        Send(busy, Msg.Get());
        busy.OnEnded = peer => peer.Close();
        Task<DrainResult> part = Drain(engine => engine.DrainListenerAsync("b", TimeSpan.FromHours(1)));
        Net.RunFor(TimeSpan.FromSeconds(1));
        Task<DrainResult> all = Bed.DrainAsync(TimeSpan.FromSeconds(2));
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That((Net.Wait(part).CutAtDeadline, Net.Wait(all)), Is.EqualTo((0, new DrainResult(0, 1))));
    }

    private static LoadBalancerOptions WithSecond(LoadBalancerOptions options) =>
        options with { Listeners = [options.Listeners[0], new ListenerOptions { Name = "b", Address = Second }] };

    private SimPeer Asking(IPAddress from)
    {
        SimPeer peer = Bed.Connect(from);
        peer.OnEnded = p => p.Close();
        Send(peer, Msg.Get());
        return peer;
    }

    private Task<DrainResult> Drain(Func<LoadBalancer, Task<DrainResult>> start)
    {
        using NoContext _ = NoContext.Enter();
        return start(Bed.Engine);
    }

    /// <summary>Asks again some time within 900 ms of each response, until one says close.</summary>
    private sealed class AskingClient
    {
        private readonly SimPeer _peer;
        private readonly SimRandom _random;
        private readonly Simulation.SimTimer _timer;

        public AskingClient(SimNetwork network, SimPeer peer, SimRandom random)
        {
            (_peer, _random) = (peer, random);
            _timer = new Simulation.SimTimer(network.Scheduler, Ask);
            peer.OnReceived = _ => Take();
            peer.OnEnded = p => p.Close();
            Ask();
        }

        public int Asked { get; private set; }

        public int Answered { get; private set; }

        public bool WasTold { get; private set; }

        private void Ask()
        {
            if (!WasTold)
            {
                Asked++;
                _peer.Send(Msg.Get());
            }
        }

        private void Take()
        {
            if (_peer.Text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                Answered++;
                WasTold = Msg.Field(_peer.Text, "Connection") == "close";
                _peer.Clear();
                _timer.After(TimeSpan.FromMilliseconds(_random.Next(900)));
            }
        }
    }
}
