using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Responses that come before their request has ended: both run side by side.</summary>
[TestFixture]
internal sealed class EarlyAnswerTests : EngineFixture
{
    private static string Head(int length) => $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n";

    [Test]
    public void A_response_head_does_not_stop_the_upload()
    {
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwo");
        Send(client, "world");
        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("helloworld"));
        Send(Backend, "rk");

        Assert.That(client.Text, Does.EndWith("work"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void Request_and_response_stream_at_the_same_time()
    {
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 4096, ReceiveBufferBytes = 4096 };
        bool hasHead = false;
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            string text = p.Text;
            p.Clear();
            if (!hasHead)
            {
                hasHead = true;
                p.Send("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n");
                text = Msg.BodyOf(text);
            }

            p.Send(text);
        };

        SimPeer client = Ask(Head(500_000) + Msg.Text(500_000));

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(500_000)));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"), "said when most of the body was to come");
    }

    [Test]
    public void A_backend_that_answers_without_reading_is_heard()
    {
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Head(1_000_000) + Msg.Text(60_000));
        Send(Backend, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That(client.Text, Does.EndWith("no"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"), "the rest is known to be too much");
        Assert.That(client.IsFinished);
    }

    // RFC 9110 section 10.1.1: a final response takes the place of the 100, and the body need not be sent any more.
    [Test]
    public void A_client_that_waits_for_100_and_finishes_when_it_has_its_answer_gets_all_of_it()
    {
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
        Send(Backend, Msg.OkChunks() + Msg.Chunk("first"));
        client.HalfClose();
        Net.RunUntilIdle();
        Send(Backend, Msg.Chunk("last") + "0\r\n\r\n");

        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo("firstlast"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
    }

    [Test]
    public void The_end_of_the_response_stops_the_upload_and_a_short_rest_is_read()
    {
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, Msg.Ok("done"));
        Assert.That(Backend.IsFinished, "the backend's request was cut: its connection is of no use");
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));

        client.Clear();
        Send(client, "world" + Msg.Get("/next"));

        Assert.That(Bed.Newest().Text, Does.StartWith("GET /next "));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_short_rest_in_chunks_is_read_too()
    {
        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk("hello"));
        Send(Backend, Msg.Ok("done"));
        Send(client, Msg.Chunk("world") + Msg.LastChunk + Msg.Get("/next"));

        Assert.That(Bed.Newest().Text, Does.StartWith("GET /next "));
    }

    [Test]
    public void A_rest_that_does_not_come_is_waited_for_two_seconds()
    {
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, Msg.Ok("done"));
        Net.RunFor(TimeSpan.FromSeconds(1.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.RequestBodyUnread), Is.EqualTo(1));
    }

    [Test]
    public void A_rest_in_chunks_that_grows_too_long_closes_after_lingering()
    {
        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk("hello"));
        Send(Backend, Msg.Ok("done"));
        Send(client, Msg.Chunk(Msg.Text(100_000)));

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.RequestBodyUnread), Is.EqualTo(1));
    }

    [Test]
    public void A_malformed_rest_closes()
    {
        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk("hello"));
        Send(Backend, Msg.Ok("done"));
        Send(client, "zz\r\n" + Msg.Get("/next"));

        Assert.That(client.IsFinished);
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
    }

    [TestCase("0\r\nX: y")]
    [TestCase("5\r\nhel")]
    public void A_rest_that_is_cut_short_closes(string rest)
    {
        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk("hello"));
        Send(Backend, Msg.Ok("done"));
        client.Send(rest);
        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That(client.IsFinished);
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_long_response_goes_on_though_the_client_has_stopped_its_body()
    {
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
        for (int i = 0; i < 6; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(40));
            Send(Backend, "x");
        }

        Assert.That(client.Text, Does.EndWith("\r\n\r\nxxxxxx"));
    }

    [Test]
    public void A_long_response_goes_on_though_the_backend_takes_no_more_of_the_body()
    {
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Head(1_000_000) + Msg.Text(1_000_000));
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
        for (int i = 0; i < 6; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(40));
            Send(Backend, "x");
        }

        Assert.That(client.Text, Does.EndWith("\r\n\r\nxxxxxx"));
        Assert.That(client.IsFinished);
    }

    [Test]
    public void A_backend_that_answers_and_resets_during_the_upload_is_heard()
    {
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Head(1_000_000) + Msg.Text(200_000));
        Send(Backend, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That(client.Text, Does.EndWith("no"));
    }

    [Test]
    public void A_backend_that_closes_during_the_upload_is_answered_502()
    {
        SimPeer client = Ask(Head(1_000_000) + Msg.Text(100_000));
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
    }

    [Test]
    public void Without_a_drain_a_body_that_was_not_read_closes_at_once()
    {
        StartTimed(new Timeouts { EarlyAnswerDrain = TimeSpan.Zero });
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, Msg.Ok("done"));

        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(client.IsFinished);
    }

    [Test]
    public void A_body_cut_short_by_the_client_ends_a_response_that_runs()
    {
        SimPeer client = Ask(Head(10) + "hello");
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That(Backend.IsFinished);
        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.ClientAborted), Is.EqualTo(1));
    }
}
