using L7Engine.Clients;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>How long a client's connection lives, and why it ends.</summary>
[TestFixture]
internal sealed class ClientLifeTests : EngineFixture
{
    [Test]
    public void An_idle_connection_is_closed_at_its_timeout_never_early_and_at_most_a_tick_late(
        [Values(0, 1, 37, 99)] int offsetMilliseconds)
    {
        Bed.AnswerWith(Msg.Ok());
        Net.RunFor(TimeSpan.FromMilliseconds(offsetMilliseconds));
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(75) - TimeSpan.FromMilliseconds(1));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromMilliseconds(102));

        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(client.Text.Split("HTTP/1.1 "), Has.Length.EqualTo(2), "it says nothing");
        Assert.That(Bed.ClientCloses(CloseReason.IdleTimeout), Is.EqualTo(1));
    }

    [Test]
    public void The_idle_timeout_starts_anew_with_each_response()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        for (int i = 0; i < 5; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(70));
            Send(client, Msg.Get());
        }

        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.RequestsOnReusedClientConnections, Is.EqualTo(5));
    }

    [Test]
    public void A_connection_without_a_byte_is_closed_silently()
    {
        SimPeer client = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(29.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That((client.IsFinished, client.Text), Is.EqualTo((true, "")));
        Assert.That(Bed.ClientCloses(CloseReason.HeadTimeout), Is.EqualTo(1));
    }

    [TestCase("G")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\n")]
    public void A_head_that_does_not_end_is_answered_408(string part)
    {
        SimPeer client = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(20));
        Send(client, part);
        Net.RunFor(TimeSpan.FromSeconds(29.9));
        Assert.That(client.Text, Is.Empty, "its time counts from its first byte");
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Net.RunFor(TimeSpan.FromSeconds(2.2));
        Assert.That(Bed.ClientCloses(CloseReason.HeadTimeout), Is.EqualTo(1));
        Assert.That(Bed.Status.Requests, Is.Zero);
    }

    [Test]
    public void Dripping_gains_a_head_no_time()
    {
        SimPeer client = Bed.Connect();
        for (int i = 0; i < 31; i++)
        {
            Send(client, i == 0 ? "GET /" : "x");
            Net.RunFor(TimeSpan.FromSeconds(1));
        }

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
    }

    // RFC 9112 section 2.2.
    [Test]
    public void An_empty_line_is_no_byte_of_a_request()
    {
        SimPeer client = Bed.Connect();
        Send(client, "\r\n");
        Net.RunFor(TimeSpan.FromSeconds(31));

        Assert.That((client.IsFinished, client.Text), Is.EqualTo((true, "")));
    }

    [Test]
    public void A_head_after_an_idle_time_has_its_whole_time()
    {
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(74));
        Send(client, "GET / HTTP/1.1\r\n");
        Net.RunFor(TimeSpan.FromSeconds(29));
        client.Clear();
        Send(client, "Host: x\r\n\r\n");

        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void A_client_that_says_close_is_closed_after_its_response()
    {
        Bed.AnswerWith(Msg.Ok("done"));

        SimPeer client = Ask(Msg.Get(fields: "Connection: close\r\n") + Msg.Get("/never"));

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(Bed.Status.Requests, Is.EqualTo(1));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.ClientAskedClose), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_said_close_and_sent_nothing_more_is_not_lingered_for()
    {
        Bed.AnswerWith(Msg.Ok());

        Ask(Msg.Get(fields: "Connection: close\r\n"));

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void An_older_client_is_closed_unless_it_asks_to_be_kept()
    {
        Bed.AnswerWith(Msg.Ok("done"));

        SimPeer plain = Ask("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
        SimPeer kept = Ask("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");

        Assert.That((plain.IsFinished, kept.IsFinished), Is.EqualTo((true, false)));
        Assert.That(Msg.Field(kept.Text, "Connection"), Is.EqualTo("keep-alive"));
        Send(kept, "GET / HTTP/1.0\r\nHost: x\r\n\r\n");
        Assert.That(kept.IsFinished);
    }

    [Test]
    public void Keep_alive_can_be_announced_with_a_second_less_than_it_is_or_not_at_all()
    {
        StartListener(l => l with { KeepAlive = new KeepAliveOptions { AnnounceTimeout = true } });
        Bed.AnswerWith(Msg.Ok());
        Assert.That(Msg.Field(Ask(Msg.Get()).Text, "Keep-Alive"), Is.EqualTo("timeout=74"));
        Bed.Stop();

        StartListener(l => l with { KeepAlive = new KeepAliveOptions { AnnounceConnection = false } });
        Bed.AnswerWith(Msg.Ok());
        Assert.That(Msg.Field(Ask(Msg.Get()).Text, "Connection"), Is.Null);
    }

    [Test]
    public void The_last_request_of_a_connection_says_close()
    {
        StartListener(l => l with { KeepAlive = new KeepAliveOptions { MaxRequests = 2 } });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));
        client.Clear();
        Send(client, Msg.Get());

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(client.IsFinished);
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.RequestLimit), Is.EqualTo(1));
    }

    [Test]
    public void Past_its_maximum_age_a_connection_is_closed_with_a_response_and_not_before()
    {
        StartListener(l => l with { KeepAlive = new KeepAliveOptions { MaxAge = TimeSpan.FromSeconds(100) } });
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(60));
        Send(client, Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(60));
        Assert.That(client.IsFinished, Is.False);
        client.Clear();
        Send(client, Msg.Get());

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.MaxAge), Is.EqualTo(1));
    }

    [Test]
    public void With_persistence_off_every_response_says_close([Values] bool byTimeout)
    {
        StartListener(l => l with
        {
            KeepAlive = byTimeout ? new KeepAliveOptions { IdleTimeout = TimeSpan.Zero } : new KeepAliveOptions { Enabled = false },
        });
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.PersistenceOff), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_closes_between_requests_is_told_apart_from_one_that_closes_within()
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get()).Close();
        SimPeer before = Bed.Connect();
        Net.RunUntilIdle();
        before.Close();
        SimPeer within = Ask("GET / HT");
        within.Close();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.ClientClosed), Is.EqualTo(2));
        Assert.That(Bed.ClientCloses(CloseReason.ClientAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_resets_between_requests_is_entered_as_such()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Bed.Status.ClientConnectionsIdle, Is.Zero);
    }

    // The bounds of a staged close: 2 s of silence, 256 KiB, 30 s in all.
    [Test]
    public void A_quiet_client_is_lingered_for_two_seconds()
    {
        SimPeer client = Ask("nonsense\r\n\r\n");
        Net.RunFor(TimeSpan.FromSeconds(1.9));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
        Assert.That(client.IsReset, Is.False);
    }

    [Test]
    public void A_client_that_goes_on_slowly_is_lingered_for_thirty_seconds()
    {
        SimPeer client = Ask("nonsense\r\n\r\n");
        for (int i = 0; i < 29; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(1));
            Send(client, "x");
        }

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
        Net.RunFor(TimeSpan.FromSeconds(1.3));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_client_that_sends_without_end_is_not_lingered_for_past_the_limit()
    {
        SimPeer client = Ask("nonsense\r\n\r\n");
        Send(client, Msg.Text(200_000));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
        Send(client, Msg.Text(100_000));

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void Lingering_can_be_turned_off()
    {
        StartLimited(new Limits { MaxLingerBytes = 0 });

        Ask("nonsense\r\n\r\n");

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_client_that_finishes_while_lingering_is_closed_at_once()
    {
        SimPeer client = Ask("nonsense\r\n\r\n");
        client.Close();
        Net.RunUntilIdle();

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [TestCase(ClientState.Accepted, ClientState.ReadingHead, true)]
    [TestCase(ClientState.Accepted, ClientState.Exchanging, true)]
    [TestCase(ClientState.ReadingHead, ClientState.Exchanging, true)]
    [TestCase(ClientState.Exchanging, ClientState.Idle, true)]
    [TestCase(ClientState.Exchanging, ClientState.Tunnelling, true)]
    [TestCase(ClientState.Idle, ClientState.ReadingHead, true)]
    [TestCase(ClientState.Idle, ClientState.Exchanging, true)]
    [TestCase(ClientState.Exchanging, ClientState.Lingering, true)]
    [TestCase(ClientState.Lingering, ClientState.Closed, true)]
    [TestCase(ClientState.Lingering, ClientState.Idle, false)]
    [TestCase(ClientState.Lingering, ClientState.Lingering, false)]
    [TestCase(ClientState.Tunnelling, ClientState.Idle, false)]
    [TestCase(ClientState.Accepted, ClientState.Idle, false)]
    [TestCase(ClientState.Closed, ClientState.Idle, false)]
    [TestCase(ClientState.Closed, ClientState.Closed, false)]
    public void States_follow_each_other_as_drawn(object from, object to, bool may)
    {
        Assert.That(((ClientState)from).CanMoveTo((ClientState)to), Is.EqualTo(may));
    }
}
