using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Requests that wait while every backend has as many as it may.</summary>
[TestFixture]
internal sealed class QueueTests : EngineFixture
{
    [Test]
    public void A_request_waits_until_a_response_has_ended_and_goes_out_then([Values(1, 2)] int loops)
    {
        StartFull(loops: loops);
        SimPeer waiting = Ask(Msg.Get("/b"));
        Assert.That((waiting.Text, Group.RequestsWaiting, Bed.Backend.Peers.Count), Is.EqualTo(("", 1, 1)));

        Send(Backend, Msg.Ok("a"));

        Assert.That(Backend.Text, Does.Contain("GET /b "));
        Send(Backend, Msg.Ok("b"));
        Assert.That(waiting.Text, Does.EndWith("b"));
        Assert.That((Group.RequestsWaiting, Group.RequestsQueued, Group.QueueTimeouts), Is.EqualTo((0, 1L, 0L)));
    }

    [Test]
    public void After_the_timeout_and_not_before_the_answer_is_503_and_close()
    {
        StartFull();
        SimPeer waiting = Ask(Msg.Get());

        Net.RunFor(TimeSpan.FromSeconds(9.9));
        Assert.That(waiting.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That((Msg.StatusOf(waiting.Text), Msg.Field(waiting.Text, "Retry-After")), Is.EqualTo((503, "1")));
        Assert.That((Msg.Field(waiting.Text, "Connection"), waiting.IsFinished), Is.EqualTo(("close", true)));
        Assert.That((Group.RequestsWaiting, Group.QueueTimeouts), Is.EqualTo((0, 1L)));
        Assert.That(Group.LongestWait.TotalSeconds, Is.InRange(10, 10.2));
        waiting.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.Closed()[0].Setting?.ToString(), Is.EqualTo("queue.timeout=10s"));
    }

    [Test]
    public void What_the_queue_has_no_room_for_is_answered_503_at_once_and_stays_open([Values(0, 1)] int room)
    {
        StartFull(new QueueOptions { MaxWaiting = room });
        for (int i = 0; i < room; i++)
        {
            Ask(Msg.Get());
        }

        SimPeer refused = Ask(Msg.Get());

        Assert.That((Msg.StatusOf(refused.Text), Msg.Field(refused.Text, "Retry-After")), Is.EqualTo((503, "1")));
        Assert.That((Msg.Field(refused.Text, "Connection"), refused.IsFinished), Is.EqualTo(("keep-alive", false)));
        Assert.That((Group.QueueRefusals, Group.RequestsWaiting), Is.EqualTo((1L, room)));
    }

    [Test]
    public void A_client_that_is_reset_leaves_the_queue_and_its_turn_is_the_nexts()
    {
        StartFull();
        SimPeer gone = Ask(Msg.Get("/gone"));
        Ask(Msg.Get("/stays"));
        gone.Reset();
        Net.RunUntilIdle();
        Assert.That((Group.RequestsWaiting, Group.QueueLeaves), Is.EqualTo((1, 1L)));

        Send(Backend, Msg.Ok());

        Assert.That(Backend.Text, Does.Contain("GET /stays ").And.Not.Contain("/gone"));
    }

    // RFC 9112 section 9.6: it may still read, so that it is told.
    [Test]
    public void A_client_that_finishes_leaves_the_queue_with_503_whether_before_or_while_it_waits([Values] bool atOnce)
    {
        StartFull();
        SimPeer client = Bed.Connect();
        client.Send(Msg.Get("/finished"));
        if (!atOnce)
        {
            Net.RunUntilIdle();
        }

        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That((Msg.StatusOf(client.Text), client.IsFinished), Is.EqualTo((503, true)));
        Assert.That((Group.RequestsWaiting, Bed.ClientCloses(CloseReason.ClientAborted)), Is.EqualTo((0, 1L)));
    }

    [Test]
    public void A_place_is_given_back_however_the_exchange_ends()
    {
        Start(o => Limited(o, 1, new QueueOptions()));
        foreach (Action<SimPeer> end in new Action<SimPeer>[]
        {
            _ => Send(Backend, Msg.Ok()), _ => Send(Backend, "nonsense\r\n\r\n"), c => c.Reset(),
            _ => Backend.Reset(), _ => Net.RunFor(TimeSpan.FromSeconds(61)),
        })
        {
            SimPeer client = Ask(Msg.Post("x"));
            Assert.That(Bed.Status.Backends[0].RequestsInFlight, Is.EqualTo(1));
            end(client);
            Net.RunUntilIdle();
            Assert.That(Bed.Status.Backends[0].RequestsInFlight, Is.Zero);
        }
    }

    [Test]
    public void Who_cannot_connect_waits_for_a_place_elsewhere_and_not_where_it_was()
    {
        Start(o => Limited(o, 1, new QueueOptions()), backends: 2);
        Ask(Msg.Get("/a"));
        int taken = Bed.Backends[0].Peers.Count == 1 ? 0 : 1;
        Bed.Network.SetOutcome(Bed.Backends[1 - taken].Address, ConnectOutcome.Refused);
        SimPeer second = Ask(Msg.Get("/b"));
        Assert.That((second.Text, Group.RequestsWaiting), Is.EqualTo(("", 1)));
        Assert.That(Bed.Status.Backends[1 - taken].RequestsInFlight, Is.Zero);

        Send(Bed.Newest(taken), Msg.Ok());

        Assert.That(Bed.Newest(taken).Text, Does.Contain("GET /b "));
    }

    [Test]
    public void The_host_of_a_request_without_one_is_that_of_the_backend_it_got()
    {
        Start(o => Limited(o, 1, new QueueOptions()) is var limited
            ? limited with
            {
                Groups = [limited.Groups[0] with
                {
                    Backends = [.. limited.Groups[0].Backends.Select((b, i) => b with { Authority = $"host-{i}" })],
                }],
            }
            : o, backends: 2);
        Ask(Msg.Get());
        Ask(Msg.Get());
        Ask("GET /late HTTP/1.0\r\n\r\n");

        Send(Bed.Newest(1), Msg.Ok());

        Assert.That(Bed.Newest(1).Text, Does.Contain("GET /late HTTP/1.1\r\nHost: host-1\r\n"));
    }

    [Test]
    public void Of_two_clients_one_does_not_wait_for_all_that_the_other_asks()
    {
        StartFull();
        for (int i = 0; i < 5; i++)
        {
            AskFrom("127.0.0.2", $"/many-{i}");
        }

        AskFrom("127.0.0.3", "/one");
        string[] order = [.. Enumerable.Range(0, 3).Select(_ => NextServed())];

        Assert.That(order, Is.EqualTo(["/many-0", "/one", "/many-1"]));
    }

    // Behind a proxy all come by few connections: turns are those of whom it names.
    [Test]
    public void Behind_a_trusted_proxy_turns_are_those_of_its_clients()
    {
        Start(o => Limited(o, 1, new QueueOptions()) with
        {
            Listeners = [o.Listeners[0] with { TrustedProxies = [IPNetwork.Parse("127.0.0.9/32")] }],
        });
        foreach (int client in new[] { 1, 1, 1, 2 })
        {
            AskFrom("127.0.0.9", $"/of-{client}", $"X-Forwarded-For: 192.0.2.{client}\r\n");
        }

        Assert.That((NextServed(), NextServed(), NextServed()), Is.EqualTo(("/of-1", "/of-2", "/of-1")));
    }

    // More places, a backend more, or one that takes requests again serve those who wait.
    [TestCase("places")]
    [TestCase("backend")]
    [TestCase("weight")]
    public void A_configuration_that_brings_places_serves_who_waits(string what)
    {
        Start(o => Limited(o, 1, new QueueOptions(), weightOfLast: what == "weight" ? 0 : 1), backends: 2);
        LoadBalancerOptions all = Bed.Options;
        if (what == "backend")
        {
            Bed.Apply(o => o with { Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[0]] }] });
        }

        SimPeer[] clients = [.. Enumerable.Range(0, 3).Select(i => Ask(Msg.Get($"/{i}")))];
        int waiting = Group.RequestsWaiting;
        Bed.Apply(_ => what == "places" ? Limited(all, 5, new QueueOptions()) : Limited(all, 1, new QueueOptions()));

        Assert.That((waiting, Group.RequestsWaiting), Is.EqualTo(what == "places" ? (1, 0) : (2, 1)));
        Assert.That(Bed.Status.Backends.Sum(b => b.RequestsInFlight), Is.EqualTo(what == "places" ? 3 : 2));
        Assert.That(clients.Select(c => c.Text), Is.All.Empty);
    }

    [Test]
    public void Those_who_wait_for_a_group_that_is_gone_are_served_by_what_it_had_or_told_503()
    {
        StartFull();
        SimPeer first = Ask(Msg.Get("/first"));
        SimPeer second = Ask(Msg.Get("/second"));
        Bed.Apply(o => o with { Groups = [o.Groups[0] with { Name = "other" }] });

        Send(Backend, Msg.Ok());
        Assert.That(Bed.Newest().Text, Does.Contain("GET /first "));
        Net.RunFor(TimeSpan.FromSeconds(11));

        Assert.That((Msg.StatusOf(second.Text), first.Text), Is.EqualTo((503, "")));
        Send(Bed.Newest(), Msg.Ok("late"));
        Assert.That(first.Text, Does.EndWith("late"));
    }

    [Test]
    public void Fewer_places_than_are_taken_serve_nobody_until_enough_are_free()
    {
        Start(o => Limited(o, 2, new QueueOptions()));
        SimPeer[] clients = [.. Enumerable.Range(0, 4).Select(i => Ask(Msg.Get($"/{i}")))];
        Bed.Apply(o => Limited(o, 1, new QueueOptions()));

        Send(Bed.Backend.Peers[0], Msg.Ok());
        Assert.That((Group.RequestsWaiting, Bed.Status.Backends[0].RequestsInFlight), Is.EqualTo((2, 1)));
        Send(Bed.Backend.Peers[1], Msg.Ok());
        Assert.That((Group.RequestsWaiting, Bed.Status.Backends[0].RequestsInFlight), Is.EqualTo((1, 1)));
        Assert.That(clients.Count(c => c.Text.Length > 0), Is.EqualTo(2));
    }

    [Test]
    public void A_drain_serves_who_waits_and_cuts_at_its_end()
    {
        StartFull(new QueueOptions { Timeout = TimeSpan.FromMinutes(5) });
        SimPeer served = Ask(Msg.Get("/served"));
        SimPeer cut = Ask(Msg.Get("/cut"));
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(1));
        Send(Backend, Msg.Ok());
        Send(Backend, Msg.Ok("served"));
        Assert.That(served.Text, Does.EndWith("served"));

        Net.RunFor(TimeSpan.FromSeconds(6));

        Assert.That((drain.IsCompleted, cut.Text, cut.IsFinished || cut.IsReset), Is.EqualTo((true, "", true)));
        Assert.That(Group.RequestsWaiting, Is.Zero);
    }

    [Test]
    public void Whoever_waits_when_the_engine_ends_ends_with_it([Values(1, 3)] int loops)
    {
        StartFull(loops: loops);
        SimPeer[] clients = [.. Enumerable.Range(0, 20).Select(_ => Ask(Msg.Get()))];

        Bed.Stop();

        Assert.That(clients.Count(c => c.IsFinished || c.IsReset), Is.EqualTo(20));
        Assert.That((Group.RequestsWaiting, Bed.Status.Backends[0].RequestsInFlight), Is.EqualTo((0, 0)));
    }

    [Test]
    public void What_waits_is_seen_with_what_ends_it()
    {
        StartFull(new QueueOptions { Timeout = TimeSpan.FromSeconds(7) });
        Ask(Msg.Get());

        ConnectionStatus[] waiting = [.. Bed.Connections().Where(c => c.Deadline is { Name: "queue.timeout" })];

        Assert.That(waiting, Has.Length.EqualTo(1));
    }

    private GroupStatus Group => Bed.Status.Groups[0];

    /// <summary>Starts with one place, which is taken.</summary>
    private void StartFull(QueueOptions? queue = null, int loops = 1)
    {
        Start(o => Limited(o, 1, queue ?? new QueueOptions()), loops: loops);
        Ask(Msg.Get("/first-of-all"));
    }

    private static LoadBalancerOptions Limited(
        LoadBalancerOptions options, int max, QueueOptions queue, int weightOfLast = 1)
    {
        BackendOptions[] backends =
            [.. options.Groups[0].Backends.Select(b => b with { MaxConnections = max, Weight = 1 })];
        backends[^1] = backends[^1] with { Weight = backends.Length > 1 ? weightOfLast : 1 };
        return options with { Groups = [options.Groups[0] with { Backends = backends, Queue = queue }] };
    }

    private void AskFrom(string address, string target, string fields = "")
    {
        Bed.Connect(IPAddress.Parse(address)).Send(Msg.Get(target, fields));
        Net.RunUntilIdle();
    }

    // Ends what the backend is at, and sees what it gets next.
    private string NextServed()
    {
        Backend.Clear();
        Send(Backend, Msg.Ok());
        return Backend.Text.Split(' ')[1];
    }
}
