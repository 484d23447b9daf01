using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Response bodies on their way to the client.</summary>
[TestFixture]
internal sealed class ResponseBodyTests : EngineFixture
{
    private const string Get10 = "GET / HTTP/1.0\r\nHost: x\r\n\r\n";
    private const string Get10KeepAlive = "GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";

    private static readonly LinkSettings Narrow = new() { SendBufferBytes = 2048, ReceiveBufferBytes = 2048 };

    [TestCase(1)]
    [TestCase(64 * 1024)]
    [TestCase(300_000)]
    public void A_body_of_any_length_is_passed_on(int length)
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(length)));

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(length)));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void A_body_passes_through_small_socket_buffers()
    {
        Bed.Network.Link = Narrow;
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(300_000)));

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(300_000)));
    }

    [Test]
    public void A_client_that_does_not_read_stops_the_backend_from_sending()
    {
        SimPeer client = Ask(Msg.Get());
        client.PauseReading();
        Send(Backend, Msg.Ok(Msg.Text(2_000_000)));

        Assert.That(Backend.UnsentBytes, Is.GreaterThan(1_700_000));
        client.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(2_000_000)));
    }

    [Test]
    public void Chunks_are_made_anew()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.OkChunks() + "5;x=y\r\nhello\r\n6\r\n wor");
        Send(Backend, "ld\r\n0\r\n\r\n");

        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo("hello world"));
        Assert.That(client.Text, Does.Not.Contain("x=y"));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void A_chunked_response_may_arrive_byte_by_byte()
    {
        SimPeer client = Ask(Msg.Get(fields: "TE: trailers\r\n"));
        foreach (char c in Msg.OkChunks("Trailer: X-Sum\r\n") + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n")
        {
            Send(Backend, c.ToString());
        }

        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo("abc0123456789"));
        Assert.That(client.Text, Does.EndWith("0\r\nX-Sum: 1\r\n\r\n"));
    }

    [Test]
    public void A_large_chunked_response_in_small_chunks_is_passed_on()
    {
        string text = Msg.Text(200_000);
        SimPeer client = Ask(Msg.Get());
        Backend.Send(Msg.OkChunks());
        for (int at = 0; at < text.Length; at += 13)
        {
            Backend.Send(Msg.Chunk(text.Substring(at, Math.Min(13, text.Length - at))));
        }

        Send(Backend, Msg.LastChunk);

        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo(text));
    }

    // RFC 9110 section 6.5.1.
    [Test]
    public void Response_trailers_reach_a_client_that_accepts_them_without_what_must_not_follow()
    {
        SimPeer client = Ask(Msg.Get(fields: "TE: trailers\r\n"));
        Assert.That(Msg.Field(Backend.Text, "TE"), Is.EqualTo("trailers"));
        Send(Backend, Msg.OkChunks() + "1\r\na\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\n");

        Assert.That(client.Text, Does.EndWith("1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"));
    }

    [Test]
    public void Response_trailers_are_dropped_for_anybody_else()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.OkChunks() + "1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n");

        Assert.That(client.Text, Does.EndWith("1\r\na\r\n0\r\n\r\n"));
    }

    // RFC 9112 section 6.3, rule 8: the client's connection need not end with the backend's.
    [TestCase(5)]
    [TestCase(200_000)]
    public void A_response_until_close_is_chunked_for_a_newer_client_which_persists(int length)
    {
        SimPeer client = Ask(Msg.Get());
        Backend.Send("HTTP/1.1 200 OK\r\n\r\n" + Msg.Text(length));
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.Field(client.Text, "Transfer-Encoding"), Is.EqualTo("chunked"));
        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo(Msg.Text(length)));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.UntilCloseEnd), Is.EqualTo(1));
    }

    [Test]
    public void A_response_until_close_whose_end_comes_alone_is_ended_with_a_last_chunk()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\n\r\n");
        Send(Backend, "abc");
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.Dechunk(Msg.BodyOf(client.Text)), Is.EqualTo("abc"));
    }

    [Test]
    public void A_response_until_close_without_a_body_is_ended_with_a_last_chunk()
    {
        SimPeer client = Ask(Msg.Get());
        Backend.Send("HTTP/1.1 200 OK\r\n\r\n");
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.LastChunk));
        Assert.That(client.IsFinished, Is.False);
    }

    [Test]
    public void A_response_until_close_ends_with_the_connection_of_an_older_client()
    {
        SimPeer client = Ask(Get10KeepAlive);
        Backend.Send("HTTP/1.1 200 OK\r\n\r\n" + Msg.Text(100_000));
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(100_000)));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.UntilCloseEnd), Is.EqualTo(1));
    }

    // RFC 9112 section 6.1: no Transfer-Encoding to an HTTP/1.0 client.
    [Test]
    public void A_chunked_response_ends_with_the_connection_of_an_older_client()
    {
        SimPeer client = Ask(Get10);
        Send(Backend, Msg.OkChunks() + Msg.Chunk("hello") + Msg.LastChunk);

        Assert.That(Msg.Field(client.Text, "Transfer-Encoding"), Is.Null);
        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo("hello"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1), "the backend's framing was whole");
    }

    // RFC 9112 section 8: what is not whole must not look whole.
    [Test]
    public void A_response_cut_short_resets_a_client_that_reads_until_close()
    {
        SimPeer client = Ask(Get10);
        Send(Backend, Msg.OkChunks() + Msg.Chunk("hello"));
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(client.IsReset);
        Assert.That(Bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
    }

    [Test]
    public void A_response_until_close_that_is_reset_resets_an_older_client()
    {
        SimPeer client = Ask(Get10);
        Send(Backend, "HTTP/1.1 200 OK\r\n\r\nhel");
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(client.IsReset);
    }

    [Test]
    public void A_response_until_close_that_is_reset_gets_no_last_chunk()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\n\r\nhel");
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith("3\r\nhel\r\n"));
        Assert.That(client.IsFinished);
    }

    [TestCase("5\r\nhello\r\n")]
    [TestCase("5\r\nhello\r\n3")]
    [TestCase("5\r\nhello\r\n0\r\n")]
    [TestCase("5\r\nhello\r\n0\r\nX: y")]
    public void A_chunked_response_cut_short_gets_no_last_chunk(string body)
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.OkChunks() + body);
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith("\r\n\r\n5\r\nhello\r\n"));
        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
    }

    [Test]
    public void A_response_with_a_length_that_is_cut_short_ends_the_clients_connection()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith("\r\n\r\nabc"));
        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
    }

    [Test]
    public void A_malformed_chunk_in_a_response_that_runs_ends_it_visibly()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.OkChunks() + Msg.Chunk("abc"));
        Send(Backend, "3\r\nabcd\r\n");

        Assert.That(client.IsFinished);
        Assert.That(client.Text, Does.Not.Contain("\r\n0\r\n"));
        Assert.That(Bed.BackendCloses(CloseReason.BackendProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void A_malformed_chunk_right_behind_the_head_is_answered_502()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.OkChunks() + "xyz\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.BackendProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_stops_in_its_body_is_cut_off_visibly()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        Net.RunFor(TimeSpan.FromSeconds(59.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(client.IsFinished);
        Assert.That(Bed.BackendCloses(CloseReason.BackendBodyTimeout), Is.EqualTo(1));
        Assert.That(Bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_takes_nothing_is_reset_after_the_send_gap()
    {
        SimPeer client = Ask(Msg.Get());
        client.PauseReading();
        Send(Backend, Msg.Ok(Msg.Text(500_000)));
        Net.RunFor(TimeSpan.FromSeconds(59.9));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Bed.ClientCloses(CloseReason.SendTimeout), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1), "the backend was not too slow");
        client.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(client.IsReset);
    }

    [Test]
    public void A_client_that_resets_while_it_is_sent_to_ends_the_exchange()
    {
        SimPeer client = Ask(Msg.Get());
        client.PauseReading();
        Send(Backend, Msg.Ok(Msg.Text(500_000)));
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Backend.IsFinished);
    }

    // RFC 9112 section 9.6.
    [Test]
    public void A_client_that_has_finished_sending_gets_its_response_all_the_same()
    {
        SimPeer client = Bed.Connect();
        client.Send(Msg.Get());
        client.HalfClose();
        Net.RunUntilIdle();
        Send(Backend, Msg.Ok("late"));

        Assert.That(client.Text, Does.EndWith("late"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(Bed.ClientCloses(CloseReason.ClientClosed), Is.EqualTo(1));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_resets_while_the_backend_thinks_ends_the_exchange()
    {
        SimPeer client = Ask(Msg.Get());
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Backend.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [TestCase("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokX")]
    [TestCase("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [TestCase("GET", "HTTP/1.1 304 Not Modified\r\n\r\nX")]
    [TestCase("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public void Bytes_behind_a_response_are_never_another_ones(string method, string response)
    {
        SimPeer client = Ask(Msg.Get(method: method));
        Send(Backend, response);

        Assert.That(client.Text.Split("HTTP/1.1 "), Has.Length.EqualTo(2));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Backend.IsFinished, "the connection is not to be trusted");
        Assert.That(Bed.BackendCloses(CloseReason.BackendSentUnasked), Is.EqualTo(1));
    }

    // The event of these bytes is over when the connection is given back: nobody would hear of them again.
    [Test]
    public void Bytes_that_come_while_a_slow_client_takes_the_response_are_never_another_ones()
    {
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 512, ReceiveBufferBytes = 512 };
        SimPeer client = Bed.Connect();
        Bed.Network.Link = new LinkSettings();
        client.PauseReading();
        Send(client, Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(4000)));
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        client.ResumeReading();
        Net.RunUntilIdle();

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo(Msg.Text(4000)));
        Assert.That(Bed.BackendCloses(CloseReason.BackendSentUnasked), Is.EqualTo(1));
        Send(client, Msg.Get());
        Assert.That(client.Text, Does.Not.Contain("poison"));
    }

    [Test]
    public void A_backend_that_says_close_is_not_used_again()
    {
        Bed.AnswerWith(Msg.Ok("x", "Connection: close\r\n"));

        SimPeer client = Ask(Msg.Get());
        Send(client, Msg.Get());

        Assert.That(client.IsFinished, Is.False, "that is the other hop");
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Bed.BackendCloses(CloseReason.BackendAskedClose), Is.EqualTo(2));
    }
}
