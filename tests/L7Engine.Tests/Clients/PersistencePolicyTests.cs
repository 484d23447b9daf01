using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Whose connections persist, for how long, and what they are told (RFC 9112 section 9.3).</summary>
[TestFixture]
internal sealed class PersistencePolicyTests : EngineFixture
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void A_client_that_reconnects_for_each_request_is_served_and_leaves_nothing_behind()
    {
        Bed.AnswerWith(Msg.Ok("done"));
        for (int i = 0; i < 50; i++)
        {
            SimPeer client = Ask(Msg.Get());
            Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"), "it might stay");
            client.Close();
            Net.RunUntilIdle();
        }

        Assert.That((Bed.Status.Requests, Bed.Status.ClientConnectionsOpen), Is.EqualTo((50L, 0)));
        Assert.That(Bed.ClientCloses(CloseReason.ClientClosed), Is.EqualTo(50));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1), "their backend's connection is kept");
    }

    [Test]
    public void A_client_that_never_returns_is_closed_without_a_word_at_the_idle_timeout()
    {
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = Ask(Msg.Get());
        client.Clear();
        Net.RunFor(75.2 * Second);

        Assert.That((client.IsFinished, client.IsReset, client.Text), Is.EqualTo((true, false, "")));
        Assert.That(Bed.ClientCloses(CloseReason.IdleTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_asks_for_close_is_told_and_closed_and_no_more_is_read()
    {
        Bed.AnswerWith(Msg.Ok("done"));

        SimPeer client = Ask(Msg.Get(fields: "Connection: close\r\n"));

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That((client.IsFinished, Bed.Status.ClientConnectionsOpen), Is.EqualTo((true, 0)));
        Assert.That(Bed.ClientCloses(CloseReason.ClientAskedClose), Is.EqualTo(1));
    }

    [TestCase("HTTP/1.1", "", "keep-alive")]
    [TestCase("HTTP/1.1", "Connection: keep-alive\r\n", "keep-alive")]
    [TestCase("HTTP/1.1", "Connection: keep-alive, close\r\n", "close")]
    [TestCase("HTTP/1.0", "", "close")]
    [TestCase("HTTP/1.0", "Connection: keep-alive\r\n", "keep-alive")]
    [TestCase("HTTP/1.0", "Connection: Keep-Alive, TE\r\n", "keep-alive")]
    [TestCase("HTTP/1.0", "Connection: close, keep-alive\r\n", "close")]
    [TestCase("HTTP/1.0", "Proxy-Connection: keep-alive\r\n", "close")]
    [TestCase("HTTP/1.0", "Keep-Alive: timeout=5\r\n", "close")]
    public void Versions_and_fields_decide(string version, string fields, string answered)
    {
        Bed.AnswerWith(Msg.Ok());

        SimPeer client = Ask($"GET / {version}\r\nHost: x\r\n{fields}\r\n");

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo(answered));
        Assert.That(client.IsFinished, Is.EqualTo(answered == "close"));
    }

    [Test]
    public void The_requests_that_are_left_are_announced_until_there_are_none()
    {
        StartListener(l => l with
        {
            KeepAlive = new KeepAliveOptions { MaxRequests = 3, AnnounceRequests = true, AnnounceTimeout = true },
        });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Bed.Connect();
        var told = new List<string?>();
        for (int i = 0; i < 3; i++)
        {
            client.Clear();
            Send(client, Msg.Get());
            told.Add(Msg.Field(client.Text, "Keep-Alive"));
        }

        Assert.That(told, Is.EqualTo(new[] { "timeout=74, max=2", "timeout=74, max=1", null }));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
    }

    [Test]
    public void An_answer_of_our_own_announces_the_same()
    {
        Start(o => o with
        {
            Listeners = [o.Listeners[0] with { KeepAlive = new KeepAliveOptions { AnnounceRequests = true } }],
            Routes = [new RouteOptions { Path = "/a" }],
        });

        SimPeer client = Ask(Msg.Get("/b"));

        Assert.That((Msg.StatusOf(client.Text), Msg.Field(client.Text, "Keep-Alive")), Is.EqualTo((404, "max=999")));
    }

    [Test]
    public void A_route_may_keep_nothing_where_its_listener_keeps_and_keep_where_it_does_not(
        [Values] bool listenerKeeps, [Values(null, false, true)] bool? routeKeeps)
    {
        StartRouted(
            new KeepAliveOptions { Enabled = listenerKeeps }, new RouteKeepAliveOptions { Enabled = routeKeeps });

        SimPeer client = Ask(Msg.Get("/route"));

        bool keeps = routeKeeps ?? listenerKeeps;
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo(keeps ? "keep-alive" : "close"));
        Assert.That(client.IsFinished, Is.Not.EqualTo(keeps));
        client.Clear();
        if (keeps)
        {
            Send(client, Msg.Get("/other"));
            Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo(listenerKeeps ? "keep-alive" : "close"));
        }
    }

    [TestCase(3)]
    [TestCase(300)]
    public void The_idle_timeout_of_a_route_counts_after_its_own_responses(int seconds)
    {
        StartRouted(
            new KeepAliveOptions { AnnounceTimeout = true },
            new RouteKeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(seconds) });
        SimPeer own = Ask(Msg.Get("/route"));
        SimPeer other = Ask(Msg.Get("/other"));

        Assert.That(Msg.Field(own.Text, "Keep-Alive"), Is.EqualTo($"timeout={seconds - 1}"));
        Assert.That(Msg.Field(other.Text, "Keep-Alive"), Is.EqualTo("timeout=74"));
        AssertEndsAfter(own, seconds, since: Net.Now);
    }

    [Test]
    public void The_last_response_decides_how_long_is_waited()
    {
        StartRouted(new KeepAliveOptions(), new RouteKeepAliveOptions { IdleTimeout = 3 * Second });
        SimPeer client = Ask(Msg.Get("/route"));
        Net.RunFor(2 * Second);
        Send(client, Msg.Get("/other"));

        AssertEndsAfter(client, 75, since: Net.Now);
    }

    [Test]
    public void A_route_whose_idle_timeout_is_zero_keeps_nothing()
    {
        StartRouted(new KeepAliveOptions(), new RouteKeepAliveOptions { IdleTimeout = TimeSpan.Zero });

        SimPeer client = Ask(Msg.Get("/route"));

        Assert.That(client.IsFinished);
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.PersistenceOff), Is.EqualTo(1));
    }

    // Connections that begin together, as after a restart: without jitter all would end with the same response.
    [Test]
    public void The_jitter_spreads_the_ages_at_which_connections_end_and_lets_none_grow_older()
    {
        StartListener(l => l with
        {
            KeepAlive = new KeepAliveOptions { MaxAge = 100 * Second, MaxAgeJitter = 0.2, MaxRequests = 0 },
        });
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] clients = [.. Enumerable.Range(0, 200).Select(_ => Ask(Msg.Get()))];
        int[] ends = new int[102];
        for (int second = 1; second <= 101; second++)
        {
            Net.RunFor(Second);
            foreach (SimPeer client in clients.Where(c => !c.IsClosed))
            {
                client.Clear();
                Send(client, Msg.Get());
                if (Msg.Field(client.Text, "Connection") == "close")
                {
                    client.Close();
                    ends[second]++;
                }
            }
        }

        Assert.That(ends.Sum(), Is.EqualTo(200));
        Assert.That(ends[..80].Sum() + ends[101], Is.Zero, "none before 80 s, none after 100 s");
        Assert.That(ends[80..101].Max(), Is.LessThan(30), "about ten each second");
    }

    [Test]
    public void What_is_drawn_for_a_connection_stays_and_differs_from_others()
    {
        ulong[] drawn = [.. Enumerable.Range(0, 1_000).Select(i => new ConnectionId(i % 10, (uint)i / 10).Draw(7))];

        Assert.That(drawn, Is.Unique);
        Assert.That(drawn[^1], Is.EqualTo(new ConnectionId(9, 99).Draw(7)));
        Assert.That(drawn[^1], Is.Not.EqualTo(new ConnectionId(9, 99).Draw(8)));
        Assert.That(drawn.Average(d => (double)(d % 1_000)), Is.InRange(450, 550));
    }

    private void StartRouted(KeepAliveOptions listener, RouteKeepAliveOptions route)
    {
        Start(o => o with
        {
            Listeners = [o.Listeners[0] with { KeepAlive = listener }],
            Routes = [new RouteOptions(), new RouteOptions { Path = "/route", KeepAlive = route }],
        });
        Bed.AnswerWith(Msg.Ok());
    }

    private void AssertEndsAfter(SimPeer client, int seconds, TimeSpan since)
    {
        TimeSpan due = since + TimeSpan.FromSeconds(seconds);
        Net.RunFor(due - Net.Now - TimeSpan.FromMilliseconds(1));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromMilliseconds(102));
        Assert.That(client.IsFinished);
    }
}
