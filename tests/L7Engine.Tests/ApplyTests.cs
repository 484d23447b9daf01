using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>Another configuration takes the place of the one in force.</summary>
[TestFixture]
internal sealed class ApplyTests : EngineFixture
{
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 4001);
    private static readonly IPEndPoint Third = new(IPAddress.Loopback, 4002);
    private static readonly IPEndPoint Fourth = new(IPAddress.Loopback, 4003);

    [Test]
    public void Idle_clients_keep_their_connections_and_their_backend_its()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        IPEndPoint address = Bed.Engine.LocalEndPoints[0];

        ApplyResult result = Bed.Apply(o => o);
        Send(client, Msg.Get());

        Assert.That(result, Is.EqualTo(new ApplyResult(1, 0, 0, 1, 0, 0)));
        Assert.That(Bed.Engine.LocalEndPoints, Is.EqualTo(new[] { address }));
        Assert.That((Bed.Status.ClientConnectionsAccepted, Bed.Status.BackendConnectionsOpened), Is.EqualTo((1, 1)));
        Assert.That(Bed.Status.Backends[0].Requests, Is.EqualTo(2), "counters go on");
        Assert.That(Msg.Field(client.Text, "Connection"), Is.Not.EqualTo("close"));
    }

    [Test]
    public void A_shorter_idle_timeout_reaches_an_idle_connection_counted_from_when_it_became_idle()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(6));

        Bed.Apply(o => WithIdleTimeout(o, 10));
        Net.RunFor(TimeSpan.FromSeconds(3.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.IdleTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_longer_idle_timeout_reaches_it_too()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(70));

        Bed.Apply(o => WithIdleTimeout(o, 200));
        Net.RunFor(TimeSpan.FromSeconds(129));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(client.IsFinished);
    }

    [Test]
    public void A_timeout_that_is_over_already_ends_the_connection_at_once()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(30));

        Bed.Apply(o => WithIdleTimeout(o, 5));
        Net.RunFor(TimeSpan.FromSeconds(0.2));

        Assert.That(client.IsFinished);
    }

    [Test]
    public void A_timeout_that_a_route_has_of_its_own_reaches_the_connections_of_that_route_alone()
    {
        Start(o => WithRoute(o, 40));
        Bed.AnswerWith(Msg.Ok());
        SimPeer ofListener = Ask(Msg.Get());
        SimPeer ofRoute = Ask(Msg.Get("/long"));
        Net.RunFor(TimeSpan.FromSeconds(5));

        Bed.Apply(o => WithIdleTimeout(WithRoute(o, 20), 10));
        Net.RunFor(TimeSpan.FromSeconds(5.3));
        Assert.That((ofListener.IsFinished, ofRoute.IsFinished), Is.EqualTo((true, false)));
        Net.RunFor(TimeSpan.FromSeconds(10));

        Assert.That(ofRoute.IsFinished);
    }

    [Test]
    public void A_connection_whose_exchange_began_before_waits_for_the_next_one_by_the_new_timeout()
    {
        SimPeer client = Ask(Msg.Get());
        Bed.Apply(o => WithIdleTimeout(o, 10));
        Send(Backend, Msg.Ok());
        Net.RunFor(TimeSpan.FromSeconds(9.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(client.IsFinished);
    }

    [Test]
    public void Persistence_that_is_turned_off_ends_with_the_next_response_and_no_sooner()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());

        Bed.Apply(o => o with
        {
            Listeners = [o.Listeners[0] with { KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.Zero } }],
        });
        Net.RunFor(TimeSpan.FromSeconds(10));
        Assert.That(client.IsFinished, Is.False);
        client.Clear();
        Send(client, Msg.Get());

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(client.IsFinished);
    }

    [Test]
    public void The_head_timeout_reaches_who_has_sent_nothing_yet()
    {
        SimPeer client = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(2));

        Bed.Apply(o => o with { Timeouts = new Timeouts { RequestHead = TimeSpan.FromSeconds(3) } });
        Net.RunFor(TimeSpan.FromSeconds(1.3));

        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.HeadTimeout), Is.EqualTo(1));
    }

    [Test]
    public void An_exchange_ends_under_the_configuration_that_it_began_with()
    {
        Start(backends: 2, configure: o => OnlyBackend(o, 0));
        Bed.Backends[1].OnAccepted = peer => peer.OnReceived = p => p.Send(Msg.Ok("second"));
        SimPeer client = Ask(Msg.Get());

        ApplyResult result = Bed.Apply(o => o with
        {
            Groups = [AllBackends() with { Backends = [AllBackends().Backends[1]] }],
            Timeouts = new Timeouts { BackendResponse = TimeSpan.FromSeconds(1) },
        });
        Assert.That(result, Is.EqualTo(new ApplyResult(1, 0, 0, 0, 1, 1)));
        Net.RunFor(TimeSpan.FromSeconds(10));
        Assert.That(Bed.Status.Backends.Select(b => (b.Address, b.IsRemoved)), Is.EqualTo(
            new[] { (Bed.Backends[1].Address, false), (Bed.Backends[0].Address, true) }));
        Send(Bed.Newest(0), Msg.Ok("first"));
        Assert.That(client.Text, Does.EndWith("first"));
        Assert.That(Bed.Newest(0).IsFinished, "its connection is not kept");
        Assert.That(Bed.BackendCloses(CloseReason.Drain), Is.EqualTo(1));

        client.Clear();
        Send(client, Msg.Get());
        Assert.That(client.Text, Does.EndWith("second"));
        Assert.That(Bed.Status.Backends, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_request_whose_body_is_on_its_way_keeps_its_limits_and_timeouts()
    {
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + Msg.Chunk("12345"));
        Bed.Apply(o => o with
        {
            Limits = new Limits { MaxRequestBodyBytes = 3 },
            Timeouts = new Timeouts { BackendResponse = TimeSpan.FromSeconds(1) },
        });
        Send(client, Msg.Chunk("67890") + Msg.LastChunk);
        Net.RunFor(TimeSpan.FromSeconds(10));
        Send(Backend, Msg.Ok("taken"));

        Assert.That(client.Text, Does.EndWith("taken"));
        client.Clear();
        Send(client, Msg.Post("1234"));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413), "the next one has the new ones");
    }

    [Test]
    public void Idle_connections_of_a_backend_that_is_removed_are_closed_at_once_and_those_of_others_stay()
    {
        Start(backends: 2);
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Send(client, Msg.Get());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(2));

        Bed.Apply(o => o with { Groups = [AllBackends() with { Backends = [AllBackends().Backends[1]] }] });
        Assert.That((Bed.Newest(0).IsFinished, Bed.Newest(1).IsFinished), Is.EqualTo((true, false)));
        Send(client, Msg.Get());

        Assert.That(Bed.Status.BackendConnectionsOpened, Is.EqualTo(2), "the one that stays was used again");
        Assert.That(Bed.Status.RequestsOnReusedBackendConnections, Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_comes_back_begins_anew()
    {
        Start(backends: 2);
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());

        Bed.Apply(o => o with { Groups = [AllBackends() with { Backends = [AllBackends().Backends[1]] }] });
        ApplyResult back = Bed.Apply(o => o);
        Ask(Msg.Get());
        Ask(Msg.Get());

        Assert.That(back, Is.EqualTo(new ApplyResult(1, 0, 0, 1, 1, 0)));
        Assert.That(Bed.Status.Backends, Has.Count.EqualTo(2));
    }

    [Test]
    public void The_pool_of_a_backend_that_stays_takes_other_settings()
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(5));

        Bed.Apply(o => WithPool(o, new PoolOptions { IdleTimeout = TimeSpan.FromSeconds(8) }));
        Net.RunFor(TimeSpan.FromSeconds(2.9));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        Net.RunFor(TimeSpan.FromSeconds(0.3));
        Assert.That(Bed.BackendCloses(CloseReason.PoolIdleTimeout), Is.EqualTo(1));

        Ask(Msg.Get());
        Bed.Apply(o => WithPool(o, new PoolOptions { Enabled = false }));
        Assert.That(Bed.BackendCloses(CloseReason.PoolOff), Is.EqualTo(1));
    }

    [Test]
    public void Weights_change()
    {
        Start(backends: 2);
        Bed.AnswerWith(Msg.Ok());
        Bed.Apply(o => o with
        {
            Groups = [AllBackends() with { Backends = [AllBackends().Backends[0] with { Weight = 0 }, AllBackends().Backends[1]] }],
        });
        for (int i = 0; i < 10; i++)
        {
            Ask(Msg.Get());
        }

        Assert.That(Bed.Status.Backends.Select(b => (b.Weight, b.Requests)), Is.EqualTo(new[] { (0, 0L), (1, 10L) }));
    }

    [Test]
    public void A_new_listener_is_opened_and_a_removed_one_drains([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok());
        IPEndPoint first = Bed.Engine.LocalEndPoints[0];
        SimPeer old = Ask(Msg.Get());
        old.OnEnded = peer => peer.Close();

        ApplyResult result = Bed.Apply(o => o with { Listeners = [new ListenerOptions { Name = "b", Address = Second }] });
        Assert.That(result, Is.EqualTo(new ApplyResult(0, 1, 1, 1, 0, 0)));
        Assert.That(Bed.Engine.LocalEndPoints, Is.EqualTo(new[] { Second }));
        Assert.That(old.IsFinished, Is.False);
        Assert.That(Net.Connect(first), Has.Property(nameof(SimPeer.IsOpen)).False);
        old.Clear();
        Send(old, Msg.Get());
        Assert.That(Msg.Field(old.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(old.IsFinished);

        SimPeer client = Ask(Msg.Get());
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Assert.That(Bed.ClientCloses(CloseReason.Drain), Is.EqualTo(1));
    }

    // What its socket was given is what its peer answers: the first probe after two hours.
    [TestCase(2 * 3600, CloseReason.Restarted)]
    [TestCase(60, CloseReason.Reset)]
    public void A_connection_is_judged_by_the_keepalive_that_its_socket_was_given(int seconds, CloseReason expected)
    {
        Start(o => WithIdleTimeout(o, 86_400));
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Bed.Apply(o => WithIdleTimeout(o, 86_400) with
        {
            Listeners =
            [
                WithIdleTimeout(o, 86_400).Listeners[0] with
                {
                    TcpKeepAlive = new TcpKeepAliveOptions { Time = TimeSpan.FromMinutes(1), Probes = 3 },
                },
            ],
        });
        Net.RunFor(TimeSpan.FromSeconds(seconds));
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(expected), Is.EqualTo(1), string.Join(", ", Bed.Status.ClientCloses));
    }

    [Test]
    public void A_name_that_goes_from_one_listener_to_another_takes_no_counts_along()
    {
        Start(o => o with { Listeners = [Named("a", Second), Named("b", Third)] });
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 30; i++)
        {
            SimPeer client = Net.Connect(Second);
            Send(client, Msg.Get());
            Send(client, Msg.Get());
        }

        Bed.Apply(o => o with { Listeners = [Named("b", Second), Named("a", Fourth)] });

        Assert.That(Bed.Status.WhatIf.Select(c => (c.Listener, c.Gaps > 0)), Is.EqualTo([("b", true), ("a", false)]));
    }

    [Test]
    public void Names_that_two_listeners_swap_leave_each_its_own_counts([Values(1, 3)] int loops)
    {
        Start(o => o with { Listeners = [Named("a", Second), Named("b", Third)] }, loops: loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Net.Connect(Second);
        Send(client, Msg.Get());
        Send(client, Msg.Get());

        Bed.Apply(o => o with { Listeners = [Named("b", Second), Named("a", Third)] });
        Send(client, Msg.Get());

        Assert.That(Bed.Status.WhatIf.Select(c => (c.Listener, c.Gaps)), Is.EqualTo([("b", 2), ("a", 0)]));
    }

    [Test]
    public void Clients_of_a_listener_that_is_removed_go_in_their_time_and_the_others_stay()
    {
        Start(o => o with { Listeners = [o.Listeners[0], new ListenerOptions { Name = "b", Address = Second }] });
        Bed.AnswerWith(Msg.Ok());
        SimPeer stays = Ask(Msg.Get());
        SimPeer goes = Net.Connect(Second);
        Send(goes, Msg.Get());

        Bed.Apply(o => o with { Listeners = [o.Listeners[0]] });
        Net.RunFor(TimeSpan.FromSeconds(8));

        Assert.That((stays.IsFinished, goes.IsFinished), Is.EqualTo((false, true)));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
    }

    [Test]
    public void A_listener_that_only_gets_another_name_stays_open()
    {
        Start(o => o with { Listeners = [new ListenerOptions { Name = "a", Address = Second }] });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());

        ApplyResult result = Bed.Apply(o => o with { Listeners = [o.Listeners[0] with { Name = "b" }] });
        Send(client, Msg.Get());

        Assert.That(result, Is.EqualTo(new ApplyResult(1, 0, 0, 1, 0, 0)));
        Assert.That(Bed.Status.ClientConnectionsAccepted, Is.EqualTo(1));
    }

    [Test]
    public void An_address_that_is_taken_changes_nothing([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok("old"));
        var free = new IPEndPoint(IPAddress.Loopback, 4003);
        SimServer taken = Net.Listen(Second);

        Assert.That(
            () => Bed.Apply(o => o with
            {
                Listeners =
                [
                    o.Listeners[0] with { KeepAlive = new KeepAliveOptions { Enabled = false } },
                    new ListenerOptions { Name = "b", Address = free },
                    new ListenerOptions { Name = "c", Address = Second },
                ],
            }),
            Throws.TypeOf<ListenException>().With.Property(nameof(ListenException.Address)).EqualTo(Second));
        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));
        Assert.That(Bed.Engine.LocalEndPoints, Has.Count.EqualTo(1));
        Assert.That(() => Net.Listen(free).Close(), Throws.Nothing, "what was opened before is closed");
        taken.Close();
    }

    [Test]
    public void A_configuration_with_errors_changes_nothing_and_says_every_error()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());

        ConfigurationException? refused = Assert.Throws<ConfigurationException>(() => Bed.Apply(o => o with
        {
            Listeners = [o.Listeners[0] with { Backlog = 0, KeepAlive = new KeepAliveOptions { Enabled = false } }],
            Limits = new Limits { MaxRequestFields = 0 },
        }));
        client.Clear();
        Send(client, Msg.Get());

        Assert.That(PathsOf(refused), Is.EqualTo("limits.maxRequestFields listeners[0].backlog"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));
    }

    [Test]
    public void What_cannot_change_while_it_runs_is_an_error_that_names_the_setting()
    {
        ConfigurationException? refused = Assert.Throws<ConfigurationException>(() => Bed.Apply(o => o with
        {
            Listeners = [o.Listeners[0] with { SharePort = true }],
            Limits = new Limits { LedgerEntriesPerLoop = 7, MaxBufferBytes = 64 << 20, MaxClientConnections = 9 },
            Loops = 5,
        }));

        Assert.That(PathsOf(refused), Is.EqualTo(
            "limits.ledgerEntriesPerLoop limits.maxBuffer limits.maxClientConnections listeners[0].sharePort loops"));
        Assert.That(refused!.Errors[0].Message, Does.Contain("is 5, and 1 is in force"));
    }

    [Test]
    public void The_limit_of_tunnels_changes()
    {
        const string Ask = "Connection: upgrade\r\nUpgrade: websocket\r\n";
        const string Switch = "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        Bed.AnswerWith(Switch);
        SimPeer first = this.Ask(Msg.Get(fields: Ask));
        Bed.Apply(o => o with { Limits = new Limits { MaxTunnels = 1 } });
        SimPeer second = this.Ask(Msg.Get(fields: Ask));
        Bed.Apply(o => o with { Limits = new Limits { MaxTunnels = 2 } });
        SimPeer third = this.Ask(Msg.Get(fields: Ask));

        Assert.That(
            (Msg.StatusOf(first.Text), Msg.StatusOf(second.Text), Msg.StatusOf(third.Text)),
            Is.EqualTo((101, 503, 101)));
    }

    [Test]
    public void Changes_that_are_asked_for_together_are_made_one_after_the_other()
    {
        Start(loops: 3);
        Bed.AnswerWith(Msg.Ok());
        using NoContext _ = NoContext.Enter();
        Task<ApplyResult>[] all =
        [
            .. Enumerable.Range(0, 6).Select(i => Bed.Engine.ApplyAsync(i % 2 == 0 ? WithSecond(Bed.Options) : Bed.Options)),
        ];
        Net.RunUntilIdle();

        Assert.That(all.Select(t => (t.Result.ListenersOpened, t.Result.ListenersClosed)), Is.EqualTo(
            new[] { (1, 0), (0, 1), (1, 0), (0, 1), (1, 0), (0, 1) }));
        Assert.That(Bed.Engine.LocalEndPoints, Has.Count.EqualTo(1));
    }

    [Test]
    public void Nothing_is_applied_before_the_start_nor_once_it_drains()
    {
        var engine = new LoadBalancer(Bed.Options, null, new MemoryTransport(Net), Net.Clock, new Random(1));
        Assert.That(() => Net.Wait(engine.ApplyAsync(Bed.Options)), Throws.InvalidOperationException);

        _ = Bed.DrainAsync();
        Assert.That(() => Bed.Apply(o => o), Throws.InvalidOperationException);
        Bed.Stop();
        Assert.That(() => Bed.Apply(o => o), Throws.TypeOf<ObjectDisposedException>());
    }

    private static string PathsOf(ConfigurationException? refused) =>
        string.Join(' ', refused!.Errors.Select(e => e.Path).Order(StringComparer.Ordinal));

    private static LoadBalancerOptions WithIdleTimeout(LoadBalancerOptions options, int seconds) => options with
    {
        Listeners =
        [
            options.Listeners[0] with { KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(seconds) } },
        ],
    };

    private static LoadBalancerOptions WithRoute(LoadBalancerOptions options, int seconds) => options with
    {
        Routes =
        [
            new RouteOptions(),
            new RouteOptions
            {
                Path = "/long", KeepAlive = new RouteKeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(seconds) },
            },
        ],
    };

    private static LoadBalancerOptions WithPool(LoadBalancerOptions options, PoolOptions pool) =>
        options with { Groups = [options.Groups[0] with { Pool = pool }] };

    private static LoadBalancerOptions WithSecond(LoadBalancerOptions options) =>
        options with { Listeners = [options.Listeners[0], new ListenerOptions { Name = "b", Address = Second }] };

    private static ListenerOptions Named(string name, IPEndPoint address) => new() { Name = name, Address = address };

    private static LoadBalancerOptions OnlyBackend(LoadBalancerOptions options, int index) =>
        options with { Groups = [options.Groups[0] with { Backends = [options.Groups[0].Backends[index]] }] };

    private BackendGroupOptions AllBackends() => new()
    {
        Backends = [.. Bed.Backends.Select(backend => new BackendOptions { Address = backend.Address })],
    };
}
