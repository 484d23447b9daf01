using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Names;

/// <summary>An engine whose backends have names.</summary>
[TestFixture]
internal sealed class NamedBackendTests : EngineFixture
{
    private const int Port = 9001;

    private readonly PlayedResolver _resolver = new();
    private readonly LogLines _log = new();
    private readonly List<string> _seen = [];

    [Test]
    public void Each_address_of_a_name_is_a_backend_and_all_get_their_share([Values(1, 3)] int loops)
    {
        _resolver.Set("app.example", "127.0.0.3", "127.0.0.2");
        StartNamed("app.example", loops: loops);
        Serve("127.0.0.2", "127.0.0.3");

        for (int i = 0; i < 10; i++)
        {
            Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        }

        Assert.That(Backends(), Is.EqualTo("127.0.0.2 app.example 3, 127.0.0.3 app.example 3"));
        Assert.That(Bed.Status.Backends.Sum(b => b.Requests), Is.EqualTo(10));
        Assert.That(loops > 1 || Bed.Status.Backends.All(b => b.Requests == 5));
        Assert.That(Bed.Status.Names.Single().Addresses.Select(a => a.ToString()), Is.EqualTo(["127.0.0.2", "127.0.0.3"]));
    }

    [Test]
    public void A_client_without_host_is_given_the_name_and_port()
    {
        _resolver.Set("app.example", "127.0.0.2");
        StartNamed("App.example");
        Serve("127.0.0.2");

        Ask("GET / HTTP/1.0\r\n\r\n");

        Assert.That(_seen, Has.Count.EqualTo(1));
        Assert.That(Msg.Field(_seen[0], "Host"), Is.EqualTo("App.example:9001"));
    }

    [Test]
    public void Other_addresses_come_and_go_without_a_word_to_clients()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartNamed("a");
        Serve("127.0.0.2", "127.0.0.3", "127.0.0.4");
        SimPeer client = Ask(Msg.Get());
        Send(client, Msg.Get());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(2));

        _resolver.Set("a", "127.0.0.4", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(31));
        Assert.That(Bed.BackendCloses(CloseReason.Drain), Is.EqualTo(1), "what was idle at the one that is gone");
        for (int i = 0; i < 10; i++)
        {
            client.Clear();
            Send(client, Msg.Get());
            Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        }

        Assert.That(Backends(), Is.EqualTo("127.0.0.3 a 3, 127.0.0.4 a 3"));
        Assert.That(Bed.Status.BackendConnectionsOpened, Is.EqualTo(3), "the one that stayed kept its connection");
        Assert.That((Bed.Status.ClientConnectionsAccepted, Bed.Status.BackendConnectionsIdle), Is.EqualTo((1, 2)));
        Assert.That(_log.Of(424), Is.EqualTo(
        [
            "The addresses of names have changed: backends 0 kept, 2 added, 0 removed.",
            "The addresses of names have changed: backends 1 kept, 1 added, 1 removed.",
        ]));
    }

    [Test]
    public void What_was_learned_of_an_address_is_forgotten_when_others_of_its_name_change()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        Net.Listen(At("127.0.0.2")).OnAccepted = peer => peer.OnReceived = p =>
            p.Send("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n");
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(2));
        Assert.That(Bed.Status.Backends[0].LearnedIdleTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));

        Net.RunFor(TimeSpan.FromSeconds(60));
        Assert.That(Bed.Status.Backends[0].LearnedIdleTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(31));

        Assert.That(Bed.Status.Backends.Select(b => b.LearnedIdleTimeout), Is.EqualTo((TimeSpan?[])[null, null]));
    }

    [Test]
    public void An_exchange_ends_at_the_address_that_it_began_with()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        SimServer server = Net.Listen(At("127.0.0.2"));
        SimPeer client = Ask(Msg.Get());

        _resolver.Set("a", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(31));
        Assert.That(Bed.Status.Backends.Single(b => b.IsRemoved).Name, Is.EqualTo("a"));
        Send(server.Peers[0], Msg.Ok("late"));

        Assert.That(client.Text, Does.EndWith("late"));
        Assert.That(server.Peers[0].IsFinished, "its connection is not kept");
    }

    [Test]
    public void A_request_that_waits_for_a_place_gets_one_at_an_address_that_came()
    {
        _resolver.Set("a", "127.0.0.2");
        Take(new EngineBed(
            backends: 0, log: _log.Factory, resolve: _resolver.ResolveAsync, configure: o => WithPlaces(WithNames(o, "a"))));
        Net.Listen(At("127.0.0.2"));
        Serve("127.0.0.3");
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(25));
        SimPeer waits = Ask(Msg.Get());
        Assert.That(waits.Text, Is.Empty);

        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(6));

        Assert.That(Msg.StatusOf(waits.Text), Is.EqualTo(200));
    }

    [Test]
    public void A_request_that_waits_while_its_group_has_no_address_is_served_once_it_has()
    {
        _resolver.Set("a", "127.0.0.2");
        _resolver.Fail("b");
        Take(new EngineBed(
            backends: 0, log: _log.Factory, resolve: _resolver.ResolveAsync, configure: o => WithPlaces(WithNames(o, "a"))));
        SimServer server = Net.Listen(At("127.0.0.2"));
        Serve("127.0.0.3");
        SimPeer first = Ask(Msg.Get());
        SimPeer waits = Ask(Msg.Get());

        Bed.Apply(o => WithPlaces(WithNames(o, "b")));
        Send(server.Peers[0], Msg.Ok());
        Assert.That((Msg.StatusOf(first.Text), waits.Text), Is.EqualTo((200, "")));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(503), "who comes now does not wait");
        _resolver.Set("b", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(Msg.StatusOf(waits.Text), Is.EqualTo(200));
    }

    [Test]
    public void The_same_addresses_are_no_change()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartNamed("a");
        _resolver.Set("a", "127.0.0.3", "127.0.0.2");
        Net.RunFor(TimeSpan.FromMinutes(10));

        Assert.That(_resolver.Asked, Has.Count.GreaterThan(10));
        Assert.That(_log.Of(424).Count(), Is.EqualTo(1), "the first");
    }

    [Test]
    public void While_a_name_cannot_be_resolved_its_last_addresses_serve()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        Serve("127.0.0.2");

        _resolver.Fail("a");
        Net.RunFor(TimeSpan.FromHours(1));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Bed.Status.Names.Single().Failure, Is.EqualTo("Name or service not known"));
        _resolver.Set("a", "127.0.0.2");
        Net.RunFor(TimeSpan.FromMinutes(1));

        Assert.That(Bed.Status.Names.Single().Failure, Is.Null);
    }

    [Test]
    public void Where_no_address_can_be_connected_to_the_name_is_asked_for_again_at_once()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartNamed("a");
        Net.RunFor(TimeSpan.FromSeconds(5));
        Serve("127.0.0.4");
        _resolver.Set("a", "127.0.0.2", "127.0.0.3", "127.0.0.4");

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(502));
        Net.RunFor(TimeSpan.FromSeconds(0.1));

        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    [Test]
    public void One_address_that_can_be_connected_to_is_enough_not_to_ask()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartNamed("a");
        Serve("127.0.0.3");
        for (int i = 0; i < 20; i++)
        {
            Assert.That(Msg.StatusOf(Ask(Msg.Get(fields: "Connection: close\r\n")).Text), Is.EqualTo(200));
        }

        Net.RunFor(TimeSpan.FromSeconds(20));

        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
    }

    private void AskFor(TimeSpan duration)
    {
        for (TimeSpan end = Net.Now + duration; Net.Now < end;)
        {
            Ask(Msg.Get());
            Net.RunFor(TimeSpan.FromSeconds(0.1));
        }
    }

    [Test]
    public void Requests_that_all_fail_ask_less_and_less_often()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        for (int i = 0; i < 100; i++)
        {
            Ask(Msg.Get());
            Net.RunFor(TimeSpan.FromSeconds(0.1));
        }

        Assert.That(_resolver.Asked, Has.Count.EqualTo(5), "at the start, and after 1, 2, 4 and 8 seconds");
    }

    [Test]
    public void A_name_that_served_again_is_asked_for_at_once_when_it_is_lost_again()
    {
        _resolver.Set("a", "127.0.0.2");
        StartRarelyResolved(g => g with { Ejection = new EjectionOptions { Enabled = false } });
        AskFor(TimeSpan.FromSeconds(20));
        SimServer server = Net.Listen(At("127.0.0.2"));
        server.OnAccepted = peer => peer.OnReceived = p => p.Send(Msg.Ok("hi", "Connection: close\r\n"));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        server.Close();
        int asked = _resolver.Asked.Count;
        AskFor(TimeSpan.FromSeconds(2));

        Assert.That(_resolver.Asked, Has.Count.EqualTo(asked + 2));
    }

    [Test]
    public void A_name_is_asked_for_again_when_all_of_its_addresses_have_failed_their_checks()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartRarelyResolved(g => g with { Health = new HealthCheckOptions { Path = "/healthz" } });
        Answer("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", "127.0.0.2", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(Bed.Status.Backends.Select(b => b.Health), Is.All.EqualTo(BackendHealth.Down));
        Assert.That(_resolver.Asked, Has.Count.InRange(2, 6), "with each check from there on");

        Serve("127.0.0.4");
        _resolver.Set("a", "127.0.0.4");
        Net.RunFor(TimeSpan.FromSeconds(6));

        Assert.That(Backends(), Is.EqualTo("127.0.0.4 a 3"));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    [TestCase("", TestName = "that close instead of answering")]
    [TestCase("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", TestName = "that answer with a status that is a failure")]
    public void A_name_is_asked_for_again_when_requests_fail_at_all_of_its_addresses(string answer)
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartRarelyResolved(g => g with { Ejection = new EjectionOptions { Statuses = [500] } });
        Answer(answer, "127.0.0.2", "127.0.0.3");
        for (int i = 0; i < 9; i++)
        {
            Ask(Msg.Post("x"));
            Net.RunFor(TimeSpan.FromSeconds(2));
        }

        Assert.That(_resolver.Asked, Has.Count.EqualTo(1), "one of them has failed less often than that");
        for (int i = 0; i < 60; i++)
        {
            Ask(Msg.Post("x"));
            Net.RunFor(TimeSpan.FromSeconds(0.1));
        }

        Assert.That(_resolver.Asked, Has.Count.InRange(4, 5), "at once, after 1 s, and after 3 s");
    }

    [Test]
    public void One_address_that_is_well_is_enough_not_to_ask()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartRarelyResolved(g => g with { Health = new HealthCheckOptions { Path = "/healthz" } });
        Answer("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", "127.0.0.2");
        Serve("127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(60));

        Assert.That(Bed.Status.Backends.Count(b => b.Health == BackendHealth.Down), Is.EqualTo(1));
        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_engine_starts_without_its_names_and_answers_503_until_it_has_them()
    {
        _resolver.Fail("a");
        StartNamed("a");
        Serve("127.0.0.2");
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(503));

        _resolver.Set("a", "127.0.0.2");
        Net.RunFor(TimeSpan.FromSeconds(1.2));

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    [Test]
    public void A_start_waits_for_a_slow_resolver_no_longer_than_its_timeout_and_takes_what_it_says_later()
    {
        _resolver.Set("a", "127.0.0.2");
        _resolver.IsSlow = true;
        StartNamed("a");
        Serve("127.0.0.2");
        Assert.That(Net.Now.TotalSeconds, Is.EqualTo(6).Within(0.1), "it began at 1 s");
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(503));

        _resolver.Release();
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    [Test]
    public void A_reload_keeps_what_names_that_stay_have_and_resolves_new_ones_before_it_takes_effect()
    {
        _resolver.Set("a", "127.0.0.2");
        _resolver.Set("b", "127.0.0.3");
        StartNamed("a");
        Serve("127.0.0.2", "127.0.0.3");
        SimPeer client = Ask(Msg.Get());
        _resolver.Fail("a");

        ApplyResult result = Bed.Apply(o => WithNames(o, "a", "b"));
        Assert.That(result, Is.EqualTo(new ApplyResult(1, 0, 0, 1, 1, 0)));
        Send(client, Msg.Get());
        Send(client, Msg.Get());
        Send(client, Msg.Get());

        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Is.All.Positive);
        Assert.That(Bed.Status.BackendConnectionsOpened, Is.EqualTo(2));
    }

    [Test]
    public void A_name_that_a_reload_takes_away_is_asked_for_no_more_and_one_that_is_refused_neither()
    {
        _resolver.Set("a", "127.0.0.2");
        _resolver.Set("b", "127.0.0.3");
        StartNamed("a");
        Bed.Apply(o => WithNames(o, "b"));
        Net.Listen(At("127.0.0.9"));
        var taken = new ListenerOptions { Name = "taken", Address = At("127.0.0.9") };
        Assert.That(
            () => Bed.Apply(o => WithNames(o, "a") with { Listeners = [o.Listeners[0], taken] }),
            Throws.TypeOf<ListenException>());
        int asked = _resolver.Asked.Count;
        Net.RunFor(TimeSpan.FromMinutes(10));

        Assert.That(_resolver.Asked.Skip(asked), Is.Not.Empty.And.All.EqualTo("b"));
        Assert.That(Bed.Status.Names.Single().Name, Is.EqualTo("b"));
        Assert.That(Backends(), Is.EqualTo("127.0.0.3 b 3"));
    }

    [Test]
    public void A_reload_that_waits_for_a_name_does_not_hold_up_a_drain_and_those_after_it_keep_their_order()
    {
        _resolver.Set("a", "127.0.0.2");
        _resolver.Set("b", "127.0.0.3");
        StartNamed("a");
        _resolver.IsSlow = true;
        using NoContext _ = NoContext.Enter();
        Task<ApplyResult> first = Bed.Engine.ApplyAsync(WithNames(Bed.Options, "b"));
        Task<ApplyResult> second = Bed.Engine.ApplyAsync(WithNames(Bed.Options, "a"));
        Task<DrainResult> drain = Bed.Engine.DrainClientAsync(IPAddress.Loopback);
        Net.RunUntilIdle();
        Assert.That((first.IsCompleted, second.IsCompleted, drain.IsCompleted), Is.EqualTo((false, false, true)));

        _resolver.IsSlow = false;
        _resolver.Release();
        Net.RunUntilIdle();

        Assert.That((first.Result.BackendsAdded, second.IsCompleted), Is.EqualTo((1, true)));
        Assert.That(Backends(), Does.StartWith("127.0.0.2 a 3"));
    }

    [Test]
    public void A_reload_asks_for_news_of_the_names_that_stay()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        Net.RunFor(TimeSpan.FromSeconds(5));
        _resolver.Set("a", "127.0.0.3");

        Bed.Apply(o => o);
        Net.RunFor(TimeSpan.FromSeconds(0.1));

        Assert.That(Backends(), Is.EqualTo("127.0.0.3 a 3"));
    }

    // The fixture's end would see a loop that has not ended, or an answer that is heard too late.
    [Test]
    public void An_engine_ends_while_it_resolves()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        _resolver.IsSlow = true;
        Net.RunFor(TimeSpan.FromSeconds(31));
        Assert.That(_resolver.HeldCount, Is.EqualTo(1));

        Bed.Stop();
        _resolver.Release();
        Net.RunFor(TimeSpan.FromMinutes(10));

        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void An_engine_is_disposed_while_it_starts([Range(1, 3)] int loops)
    {
        _resolver.IsSlow = true;
        var net = new SimNetwork();
        LoadBalancer engine = Unstarted(net, loops);
        using NoContext _ = NoContext.Enter();
        Task start = engine.StartAsync();
        Task stop = engine.DisposeAsync().AsTask();
        net.RunUntilIdle();

        Assert.That(stop.IsCompletedSuccessfully);
        Assert.That(start.Exception?.InnerException, Is.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_start_that_is_cancelled_while_it_resolves_ends()
    {
        _resolver.IsSlow = true;
        var net = new SimNetwork();
        LoadBalancer engine = Unstarted(net);
        using var cancel = new CancellationTokenSource();
        using NoContext _ = NoContext.Enter();
        Task start = engine.StartAsync(cancel.Token);
        cancel.Cancel();

        // Who waits with a token goes on in the thread pool.
        Assert.That(async () => { while (!start.IsCompleted) { net.RunUntilIdle(); await Task.Yield(); } await start; },
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_drain_leaves_names_alone()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        _ = Bed.DrainAsync(TimeSpan.FromHours(1));
        _resolver.Set("a", "127.0.0.3");
        Net.RunFor(TimeSpan.FromMinutes(1));

        Assert.That(_log.Of(424).Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_listener_that_was_drained_stays_so_when_addresses_change()
    {
        _resolver.Set("a", "127.0.0.2");
        StartNamed("a");
        using NoContext _ = NoContext.Enter();
        Task<DrainResult> drain = Bed.Engine.DrainListenerAsync("default");
        Net.RunFor(TimeSpan.FromSeconds(10));
        _resolver.Set("a", "127.0.0.3");
        Net.RunFor(TimeSpan.FromMinutes(1));

        Assert.That(drain.IsCompletedSuccessfully);
        Assert.That(Backends(), Is.EqualTo("127.0.0.3 a 3"));
        Assert.That(Bed.Engine.LocalEndPoints, Is.Empty);
    }

    [Test]
    public void An_address_of_our_own_listener_gets_no_requests_and_is_logged()
    {
        _resolver.Set("a", "127.0.0.1", "127.0.0.2");
        var listener = new IPEndPoint(IPAddress.Loopback, Port);
        Take(new EngineBed(backends: 0, log: _log.Factory, resolve: _resolver.ResolveAsync, configure: o =>
            WithNames(o, "a") with { Listeners = [new ListenerOptions { Address = listener }] }));

        Assert.That(Backends(), Is.EqualTo("127.0.0.2 a 3"));
        Assert.That(_log.Of(423), Is.EqualTo(
            ["Name a of group default has the address 127.0.0.1:9001, where we listen ourselves: it gets no requests."]));
    }

    [Test]
    public void What_a_name_has_at_the_start_is_up_and_watched_and_what_comes_is_checked_first()
    {
        _resolver.Set("a", "127.0.0.2");
        Take(new EngineBed(
            backends: 0, log: _log.Factory, resolve: _resolver.ResolveAsync, configure: o => WithChecks(WithNames(o, "a"))));
        Serve("127.0.0.2");
        Assert.That(Bed.Status.Backends.Single().Health, Is.EqualTo(BackendHealth.Up));
        Net.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(_seen, Has.Count.AtLeast(3).And.All.StartWith("GET /health "));

        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(Bed.Status.Backends.Select(b => b.Health), Is.EqualTo(new[] { BackendHealth.Up, BackendHealth.Down }));
        Serve("127.0.0.3");
        Net.RunFor(TimeSpan.FromSeconds(30));

        Assert.That(Bed.Status.Backends, Has.All.Property(nameof(BackendStatus.Health)).EqualTo(BackendHealth.Up));
    }

    [Test]
    public void An_address_of_a_name_that_fails_is_ejected()
    {
        _resolver.Set("a", "127.0.0.2", "127.0.0.3");
        StartNamed("a");
        Serve("127.0.0.2");
        for (int i = 0; i < 20; i++)
        {
            Assert.That(Msg.StatusOf(Ask(Msg.Get(fields: "Connection: close\r\n")).Text), Is.EqualTo(200));
        }

        Assert.That(
            Bed.Status.Backends.Select(b => b.Health), Is.EqualTo(new[] { BackendHealth.Up, BackendHealth.Ejected }));
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), Port);

    private static LoadBalancerOptions WithNames(LoadBalancerOptions options, params string[] names) => options with
    {
        Groups =
        [
            new BackendGroupOptions
            {
                Backends = [.. names.Select(n => new BackendOptions { Address = new DnsEndPoint(n, Port), Weight = 3 })],
            },
        ],
    };

    private static LoadBalancerOptions WithPlaces(LoadBalancerOptions options) => options with
    {
        Groups =
        [
            options.Groups[0] with
            {
                Backends = [.. options.Groups[0].Backends.Select(backend => backend with { MaxConnections = 1 })],
            },
        ],
    };

    private static LoadBalancerOptions WithChecks(LoadBalancerOptions options) => options with
    {
        Groups = [options.Groups[0] with { Health = new HealthCheckOptions { Path = "/health" } }],
    };

    private void StartNamed(string name, int loops = 1) => Take(new EngineBed(
        backends: 0, loops: loops, configure: o => WithNames(o, name), log: _log.Factory, resolve: _resolver.ResolveAsync));

    private void StartRarelyResolved(Func<BackendGroupOptions, BackendGroupOptions> change) => Take(new EngineBed(
        backends: 0, log: _log.Factory, resolve: _resolver.ResolveAsync, configure: o => WithNames(o, "a") with
        {
            Groups = [change(WithNames(o, "a").Groups[0]) with { Names = new NameOptions { Interval = TimeSpan.FromHours(1) } }],
        }));

    private LoadBalancer Unstarted(SimNetwork net, int loops = 0) => new(
        WithNames(Valid.Options, "a") with { Loops = loops }, null, new MemoryTransport(net), net.Clock, new Random(1), _resolver.ResolveAsync);

    private void Serve(params string[] addresses)
    {
        foreach (string address in addresses)
        {
            Net.Listen(At(address)).OnAccepted = peer => peer.OnReceived = p =>
            {
                _seen.Add(p.Text);
                p.Clear();
                p.Send(Msg.Ok());
            };
        }
    }

    /// <param name="answer">Empty to close instead.</param>
    private void Answer(string answer, params string[] addresses)
    {
        foreach (string address in addresses)
        {
            Net.Listen(At(address)).OnAccepted = peer => peer.OnReceived = p =>
            {
                p.Clear();
                p.Send(answer);
                if (answer.Length == 0)
                {
                    p.Close();
                }
            };
        }
    }

    private string Backends() => string.Join(
        ", ", Bed.Status.Backends.Where(b => !b.IsRemoved).Select(b => $"{b.Address.Address} {b.Name} {b.Weight}"));
}
