using System.Net;
using L7Engine.Clients;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>How many connections one client may have, and what becomes of one more.</summary>
[TestFixture]
internal sealed class ClientCapsTests : EngineFixture
{
    private const string KeepAlive10 = "GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";

    [Test]
    public void Past_the_persistent_cap_all_are_served_and_as_many_stay_open_as_may(
        [Values(1, 3)] int loops, [Values(KeepAlive10, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")] string request,
        [Range(1, 5)] int seed)
    {
        StartCapped(new ClientCapsOptions { Persistent = 4 }, loops, seed);
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer[] clients = [.. Enumerable.Range(0, 20).Select(_ => Bed.Connect())];
        Array.ForEach(clients, c => c.Send(request));
        Net.RunUntilIdle();

        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200));
        Assert.That(clients.Select(c => Msg.BodyOf(c.Text)), Is.All.EqualTo("done"));
        Assert.That(clients.Count(c => !c.IsFinished), Is.EqualTo(4));
        Assert.That(clients.Where(c => c.IsFinished).Select(c => Msg.Field(c.Text, "Connection")),
            Is.All.EqualTo("close"));
        Assert.That(clients.Where(c => !c.IsFinished).Select(c => Msg.Field(c.Text, "Connection")),
            Is.All.EqualTo("keep-alive"));
        Assert.That(CountsOf("127.0.0.1").Persistent, Is.EqualTo(4));

        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(clients.Count(c => c.IsReset), Is.Zero, "the end is staged");
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(new ClientCounts(4, 4)));
        Assert.That(Bed.ClientCloses(CloseReason.PersistentCap), Is.EqualTo(16));
    }

    [Test]
    public void Who_was_kept_stays_kept_and_who_goes_makes_room([Values(1, 3)] int loops)
    {
        StartCapped(new ClientCapsOptions { Persistent = 1 }, loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer first = Ask(Msg.Get());
        for (int i = 0; i < 3; i++)
        {
            Assert.That(Ask(Msg.Get()).IsFinished, "the place is taken");
            Send(first, Msg.Get());
            Assert.That(first.IsFinished, Is.False);
        }

        first.Close();
        Net.RunUntilIdle();

        Assert.That(Ask(Msg.Get()).IsFinished, Is.False);
        Assert.That(Bed.Status.ClientCloses, Has.Some.Matches<CloseCount>(c => c.Reason == CloseReason.ClientClosed));
    }

    [Test]
    public void Only_what_would_stay_open_anyway_takes_a_place()
    {
        StartCapped(new ClientCapsOptions { Persistent = 1 });
        SimPeer asksClose = Ask(Msg.Get(fields: "Connection: close\r\n"));
        SimPeer old = Ask("GET / HTTP/1.0\r\n\r\n");
        SimPeer kept = Ask(Msg.Get());
        foreach (SimPeer backend in Bed.Backend.Peers)
        {
            Send(backend, Msg.Ok());
        }

        Assert.That((asksClose.IsFinished, old.IsFinished, kept.IsFinished), Is.EqualTo((true, true, false)));
        Assert.That(Bed.ClientCloses(CloseReason.ClientAskedClose), Is.EqualTo(2));
    }

    [Test]
    public void A_tunnel_gives_back_its_persistent_place_and_counts_as_a_connection()
    {
        StartCapped(new ClientCapsOptions { Persistent = 1, Connections = 2 });
        SimPeer tunnel = Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        Send(tunnel, Msg.Get(fields: "Connection: upgrade\r\nUpgrade: websocket\r\n"));
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(new ClientCounts(1, 1)));
        Send(Backend, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(new ClientCounts(1, 0)));

        SimPeer other = Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        SimPeer third = Ask(Msg.Get());

        Assert.That((other.IsFinished, third.IsReset), Is.EqualTo((false, true)));
        tunnel.Reset();
        Net.RunUntilIdle();
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(new ClientCounts(1, 1)));
    }

    [Test]
    public void Past_the_connections_cap_one_is_reset_and_a_place_that_is_free_again_is_usable(
        [Values(1, 3)] int loops, [Range(1, 5)] int seed)
    {
        StartCapped(new ClientCapsOptions { Connections = 8 }, loops, seed);
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] eight = [.. Enumerable.Range(0, 8).Select(_ => Ask(Msg.Get()))];
        SimPeer ninth = Ask(Msg.Get());

        Assert.That(eight.Count(c => Msg.StatusOf(c.Text) == 200 && !c.IsFinished), Is.EqualTo(8));
        Assert.That((ninth.IsReset, ninth.Text), Is.EqualTo((true, "")));
        Assert.That(Bed.ClientCloses(CloseReason.ConnectionCap), Is.EqualTo(1));

        eight[3].Close();
        Net.RunUntil(() => Bed.ClientCloses(CloseReason.ClientClosed) == 1);
        SimPeer tenth = Ask(Msg.Get());
        SimPeer eleventh = Ask(Msg.Get());

        Assert.That((Msg.StatusOf(tenth.Text), tenth.IsFinished, eleventh.IsReset), Is.EqualTo((200, false, true)));
        Assert.That(CountsOf("127.0.0.1").Open, Is.EqualTo(8));
    }

    [Test]
    public void A_lingering_connection_counts_until_its_descriptor_is_closed()
    {
        StartCapped(new ClientCapsOptions { Connections = 1 });
        SimPeer lingering = Ask("malformed\r\n\r\n");
        Assert.That((Msg.StatusOf(lingering.Text), lingering.IsFinished), Is.EqualTo((400, true)));

        Assert.That(Ask(Msg.Get()).IsReset);
        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.EqualTo(1));
        Assert.That(Bed.Connect().IsReset, Is.False);
    }

    [TestCase("GET", "Too Many Requests")]
    [TestCase("HEAD", "")]
    public void A_refused_client_may_be_told_429(string method, string body)
    {
        StartCapped(TellingCap(1));
        Bed.Connect();
        Net.RunUntilIdle();
        SimPeer refused = Ask(Msg.Get(method: method) + Msg.Get("/never"));

        Assert.That(Msg.StatusOf(refused.Text), Is.EqualTo(429));
        Assert.That((Msg.Field(refused.Text, "Retry-After"), Msg.Field(refused.Text, "Connection")),
            Is.EqualTo(("1", "close")));
        Assert.That(Msg.BodyOf(refused.Text), Is.EqualTo(body));
        Assert.That((refused.IsFinished, refused.IsReset), Is.EqualTo((true, false)), "the end is staged");
        Assert.That(Bed.Backend.Peers, Is.Empty);

        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(Bed.ClientCloses(CloseReason.ConnectionCap), Is.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("GET / HT")]
    [TestCase("\r\n")]
    public void A_refused_client_that_sends_no_request_is_not_waited_for_and_holds_no_place(string part)
    {
        StartCapped(TellingCap(1));
        SimPeer first = Bed.Connect();
        Net.RunUntilIdle();
        SimPeer refused = Bed.Connect();
        Send(refused, part);
        first.Close();
        Net.RunUntilIdle();
        SimPeer next = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(2.2));

        Assert.That((refused.IsFinished, refused.Text, next.IsFinished), Is.EqualTo((true, "", false)));
        Assert.That(Bed.ClientCloses(CloseReason.ConnectionCap), Is.EqualTo(1));
    }

    [Test]
    public void A_refused_client_was_refused_however_it_goes(
        [Values("close", "reset", "malformed", "finish")] string how)
    {
        StartCapped(TellingCap(1));
        Bed.Connect();
        Net.RunUntilIdle();
        SimPeer refused = Bed.Connect();
        Net.RunUntilIdle();
        switch (how)
        {
            case "close": refused.Close(); break;
            case "reset": refused.Reset(); break;
            case "finish": refused.Send(Msg.Get()); refused.HalfClose(); break;
            default: refused.Send("malformed\r\n\r\n"); break;
        }

        Net.RunFor(TimeSpan.FromSeconds(5));

        Assert.That(Bed.ClientCloses(CloseReason.ConnectionCap), Is.EqualTo(1));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
    }

    // The loop sees at once that the time is over and that the request has come: it is looked at once more, and that
    // does not make it welcome.
    [Test]
    public void A_refused_client_stays_refused_when_its_request_crosses_the_end_of_the_wait(
        [Values("", "GET / ")] string first, [Range(1, 10)] int seed)
    {
        StartCapped(TellingCap(1), seed: seed);
        Bed.AnswerWith(Msg.Ok());
        From("127.0.0.1");
        SimPeer[] refused = [.. Enumerable.Range(0, 20).Select(_ => Bed.Connect())];
        Array.ForEach(refused, c => Send(c, first));
        Net.Loops[0].StallFor(TimeSpan.FromSeconds(3));
        Array.ForEach(refused, c => c.Send(Msg.Get()[first.Length..]));
        Net.RunFor(TimeSpan.FromSeconds(10));

        Assert.That(refused.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(429), $"seed {seed}");
        Assert.That(Bed.ClientCloses(CloseReason.ConnectionCap), Is.EqualTo(20));
    }

    [TestCase("192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.1")]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3")]
    public void One_client_is_one_whatever_its_address_looks_like(string one, string two, string three)
    {
        StartCapped(new ClientCapsOptions { Connections = 2 }, loops: 3);

        Assert.That(new[] { one, two, three }.Select(a => From(a).IsReset), Is.EqualTo([false, false, true]));
        Assert.That(From("2001:db8:1:3::1").IsReset, Is.False);
        Assert.That(From("192.0.2.2").IsReset, Is.False);
    }

    [Test]
    public void A_wider_prefix_makes_one_client_of_a_site()
    {
        StartCapped(new ClientCapsOptions { Connections = 1, IPv6PrefixLength = 48 });

        Assert.That(From("2001:db8:1:2::1").IsReset, Is.False);
        Assert.That(From("2001:db8:1:3::1").IsReset);
        Assert.That(From("2001:db8:2:2::1").IsReset, Is.False);
    }

    [Test]
    public void A_trusted_peer_carries_many_clients_and_is_exempt()
    {
        StartListener(l => l with
        {
            ClientCaps = new ClientCapsOptions { Persistent = 1, Connections = 1 },
            TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")],
        });
        Bed.AnswerWith(Msg.Ok());

        SimPeer[] clients = [.. Enumerable.Range(0, 5).Select(_ => From("10.0.0.1"))];
        Array.ForEach(clients, c => Send(c, Msg.Get()));

        Assert.That(clients.Count(c => Msg.StatusOf(c.Text) == 200 && !c.IsFinished), Is.EqualTo(5));
        Assert.That(Bed.Engine.Clients[0].Count, Is.Zero);
    }

    [Test]
    public void Without_a_cap_nobody_is_counted()
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());

        Assert.That(Bed.Engine.Clients[0].Count, Is.Zero);
    }

    [Test]
    public void Caps_that_change_leave_what_is_held_and_are_for_all_that_comes_after([Values(1, 3)] int loops)
    {
        StartCapped(new ClientCapsOptions { Persistent = 3, Connections = 6, IPv6PrefixLength = 48 }, loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] kept = [.. Enumerable.Range(0, 3).Select(_ => AskFrom("2001:db8:1:2::1"))];
        ApplyCaps(new ClientCapsOptions { Persistent = 1, Connections = 4 });
        Array.ForEach(kept, c => Send(c, Msg.Get()));
        Assert.That(kept.Count(c => c.IsFinished), Is.Zero);

        // Another prefix makes another client of it: what was counted under the old one is given back under the old one.
        Assert.That(AskFrom("2001:db8:1:2::1").IsFinished, Is.False);
        Assert.That(AskFrom("2001:db8:1:2::1").IsFinished);
        Array.ForEach(kept, c => c.Close());
        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(Bed.Engine.Clients[0].Count, Is.EqualTo(1));

        ApplyCaps(new ClientCapsOptions());
        Assert.That(Enumerable.Range(0, 9).Count(_ => AskFrom("2001:db8:1:2::1").IsFinished), Is.Zero);
    }

    [Test]
    public void Connections_from_before_there_was_a_cap_count_from_their_next_response_on()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] early = [.. Enumerable.Range(0, 3).Select(_ => Ask(Msg.Get()))];
        ApplyCaps(new ClientCapsOptions { Persistent = 2, Connections = 2 });
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(default(ClientCounts)));

        Array.ForEach(early, c => Send(c, Msg.Get()));

        Assert.That(early.Select(c => c.IsFinished), Is.EqualTo([false, false, true]));
        Assert.That(CountsOf("127.0.0.1"), Is.EqualTo(new ClientCounts(3, 2)), "none of them is refused any more");
        Assert.That(Ask(Msg.Get()).IsReset);
    }

    [Test]
    public void Each_listener_counts_for_itself()
    {
        Start(o => o with
        {
            Listeners = [Capped(o.Listeners[0] with { Name = "a" }), Capped(o.Listeners[0] with { Name = "b" })],
        });
        Net.Connect(Bed.Engine.LocalEndPoints[0]);
        SimPeer other = Net.Connect(Bed.Engine.LocalEndPoints[1]);
        Net.RunUntilIdle();
        SimPeer second = Net.Connect(Bed.Engine.LocalEndPoints[1]);
        Net.RunUntilIdle();

        Assert.That((other.IsReset, second.IsReset), Is.EqualTo((false, true)));

        static ListenerOptions Capped(ListenerOptions listener) =>
            listener with { ClientCaps = new ClientCapsOptions { Connections = 1 } };
    }

    private static ClientCapsOptions TellingCap(int connections) =>
        new() { Connections = connections, Refusal = CapRefusal.TooManyRequests };

    private void StartCapped(ClientCapsOptions caps, int loops = 1, int seed = 1) =>
        Start(o => o with { Listeners = [o.Listeners[0] with { ClientCaps = caps }] }, loops: loops, seed: seed);

    private void ApplyCaps(ClientCapsOptions caps) =>
        Bed.Apply(o => o with { Listeners = [o.Listeners[0] with { ClientCaps = caps }] });

    private SimPeer AskFrom(string address)
    {
        SimPeer client = From(address);
        Send(client, Msg.Get());
        return client;
    }

    private SimPeer From(string address)
    {
        SimPeer client = Bed.Connect(IPAddress.Parse(address));
        Net.RunUntilIdle();
        return client;
    }

    private ClientCounts CountsOf(string address) => Bed.Engine.Clients[0].CountsOf(
        ClientKey.Of(PeerAddress.Of(new IPEndPoint(IPAddress.Parse(address), 1)), 64));
}
