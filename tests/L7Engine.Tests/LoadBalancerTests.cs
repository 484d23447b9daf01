using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>Start, drain and end of an engine.</summary>
[TestFixture]
internal sealed class LoadBalancerTests : EngineFixture
{
    [Test]
    public void A_drain_lets_what_runs_end_and_says_close()
    {
        SimPeer client = Ask(Msg.Get());
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(10));
        Assert.That(Bed.Status.IsDraining);
        Assert.That((client.IsFinished, drain.IsCompleted), Is.EqualTo((false, false)));
        Send(Backend, Msg.Ok("done"));
        client.Close();

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(1, 0)));
        Assert.That(Bed.ClientCloses(CloseReason.Drain), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.Drain), Is.EqualTo(1));
    }

    [Test]
    public void A_drain_ends_idle_connections_in_good_order()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        client.OnEnded = peer => peer.Close();
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(0.9));
        Assert.That(client.IsFinished, Is.False, "its next request may be on its way");
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(1, 0)));
        Assert.That(Bed.ClientCloses(CloseReason.Drain), Is.EqualTo(1));
        Assert.That(Bed.Status.BackendConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_response_whose_head_was_written_before_the_drain_ends_its_connection_too()
    {
        SimPeer client = Ask(Msg.Get());
        client.OnEnded = peer => peer.Close();
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalf"[..^2]);
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunUntilIdle();
        Send(Backend, "lf");
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(client.Text, Does.EndWith("half"));
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(1, 0)));
    }

    [Test]
    public void A_request_of_a_connection_that_was_just_accepted_is_served_during_a_drain()
    {
        Bed.AnswerWith(Msg.Ok("served"));
        SimPeer client = Bed.Connect();
        Net.RunUntilIdle();
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(1));
        Send(client, Msg.Get());
        client.Close();

        Assert.That(client.Text, Does.EndWith("served"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(1, 0)));
    }

    [Test]
    public void A_connection_that_never_asks_does_not_hold_a_drain_up()
    {
        SimPeer client = Bed.Connect();
        Net.RunUntilIdle();
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(5));

        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(1, 0)));
    }

    [Test]
    public void The_deadline_cuts_what_is_left_and_says_so()
    {
        SimPeer client = Ask(Msg.Get());
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(4.9));
        Assert.That(drain.IsCompleted, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(client.IsFinished);
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(0, 1)));
        Assert.That(Bed.ClientCloses(CloseReason.DrainDeadline), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.DrainDeadline), Is.EqualTo(1));
    }

    [Test]
    public void The_deadline_cuts_an_upload_that_waits_for_its_client_or_its_backend([Values] bool slowBackend)
    {
        StartWithoutMinimumRate();
        Bed.Backend.OnAccepted = peer =>
        {
            if (slowBackend)
            {
                peer.PauseReading();
            }
        };
        SimPeer client = Ask($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{Msg.Text(200_000)}");
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(5.3));

        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(0, 1)));
        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.DrainDeadline), Is.EqualTo(1));
    }

    [Test]
    public void A_token_brings_the_deadline_forward()
    {
        using var now = new CancellationTokenSource();
        Ask(Msg.Get());
        Task<DrainResult> drain = Bed.DrainAsync(cancellationToken: now.Token);
        Net.RunUntilIdle();
        now.Cancel();
        Net.RunUntilIdle();

        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(0, 1)));
    }

    [Test]
    public void During_a_drain_nothing_is_accepted()
    {
        IPEndPoint address = Bed.Engine.LocalEndPoints[0];
        _ = Bed.DrainAsync();
        Net.RunUntilIdle();

        SimPeer late = Net.Connect(address);
        Net.RunUntilIdle();

        Assert.That(late.IsOpen, Is.False);
    }

    [Test]
    public void Two_drains_are_one()
    {
        Task<DrainResult> first = Bed.DrainAsync();
        Task<DrainResult> second = Bed.DrainAsync();
        Net.RunUntilIdle();

        // Of two that await one task the platform lets only the first go on in place.
        Assert.That(Task.WaitAll([first, second], millisecondsTimeout: 10_000));
        Assert.That(ResultOf(second), Is.EqualTo(ResultOf(first)));
    }

    [Test]
    public void A_second_start_is_refused()
    {
        Assert.That(() => Net.Wait(Bed.Engine.StartAsync()), Throws.InvalidOperationException);
    }

    [Test]
    public void A_start_after_the_end_is_refused()
    {
        Bed.Stop();

        Assert.That(() => Net.Wait(Bed.Engine.StartAsync()), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Whatever_a_disposed_engine_refuses_it_says_that_it_is_the_load_balancer_that_was_disposed_of()
    {
        Bed.Stop();

        Action[] calls =
        [
            () => Net.Wait(Bed.Engine.StartAsync()),
            () => Bed.Apply(o => o),
            () => Bed.Engine.SubscribeToCloses(),
        ];
        Assert.That(
            calls.Select(call => Assert.Throws<ObjectDisposedException>(() => call())!.ObjectName),
            Is.All.EqualTo(typeof(LoadBalancer).FullName));
    }

    [Test]
    public void An_address_that_is_taken_fails_the_start_and_leaves_nothing_open()
    {
        var free = new IPEndPoint(IPAddress.Loopback, 4001);
        using var taken = new Taken(Net, new IPEndPoint(IPAddress.Loopback, 4002));
        var options = new LoadBalancerOptions
        {
            Loops = 2,
            Listeners =
            [
                new ListenerOptions { Name = "a", Address = free },
                new ListenerOptions { Name = "b", Address = taken.Address },
            ],
            Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = Bed.Backend.Address }] }],
        };
        var engine = new LoadBalancer(options, null, new MemoryTransport(Net), Net.Clock, new Random(1));
        Task start;
        using (NoContext.Enter())
        {
            start = engine.StartAsync();
        }

        Assert.That(
            () => Net.Wait(start),
            Throws.TypeOf<ListenException>().With.Property(nameof(ListenException.Address)).EqualTo(taken.Address));
        Assert.That(() => new Taken(Net, free).Dispose(), Throws.Nothing, "the first address is free again");
    }

    [Test]
    public void Ending_closes_what_is_open_on_both_sides_and_says_so()
    {
        SimPeer busy = Ask(Msg.Get());
        SimPeer idle = Bed.Connect();
        Net.RunUntilIdle();
        Bed.Stop();

        Assert.That((busy.IsFinished, idle.IsFinished, Backend.IsFinished), Is.EqualTo((true, true, true)));
        Assert.That(Bed.ClientCloses(CloseReason.Stopped), Is.EqualTo(2));
        Assert.That(Bed.BackendCloses(CloseReason.Stopped), Is.EqualTo(1));
    }

    [Test]
    public void Ending_twice_is_ending_once()
    {
        Bed.Stop();
        Bed.Stop();
    }

    [Test]
    public void Several_loops_share_one_address_and_end_together()
    {
        Start(loops: 3);
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 30; i++)
        {
            Ask(Msg.Get()).OnEnded = peer => peer.Close();
        }

        Assert.That(Bed.Status.ClientConnectionsIdle, Is.EqualTo(30));
        Task<DrainResult> drain = Bed.DrainAsync();
        Assert.That(ResultOf(drain), Is.EqualTo(new DrainResult(30, 0)));
    }

    private DrainResult ResultOf(Task<DrainResult> drain) => Net.Wait(drain);

    /// <summary>An address that somebody else listens at.</summary>
    private sealed class Taken(SimNetwork network, IPEndPoint address) : IDisposable
    {
        private readonly SimServer _server = network.Listen(address);

        public IPEndPoint Address => _server.Address;

        public void Dispose() => _server.Close();
    }
}
