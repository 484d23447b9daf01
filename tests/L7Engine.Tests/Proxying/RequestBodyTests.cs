using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Request bodies on their way to the backend.</summary>
[TestFixture]
internal sealed class RequestBodyTests : EngineFixture
{
    private const int Block = 64 * 1024;

    private static readonly LinkSettings Narrow = new() { SendBufferBytes = 2048, ReceiveBufferBytes = 2048 };

    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(64 * 1024)]
    [TestCase(300_000)]
    public void A_body_of_any_length_is_passed_on(int length)
    {
        SimPeer client = Ask(Msg.Post(Msg.Text(length)));
        Send(Backend, Msg.Ok("done"));

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo(Msg.Text(length)));
        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [TestCase(1000)]
    [TestCase(300_000)]
    public void A_body_passes_through_small_socket_buffers(int length)
    {
        Bed.Network.Link = Narrow;

        SimPeer client = Ask(Msg.Post(Msg.Text(length)));
        Send(Backend, Msg.Ok("done"));

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo(Msg.Text(length)));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void A_backend_that_does_not_read_stops_the_client_from_sending()
    {
        Bed.Backend.OnAccepted = peer => peer.PauseReading();

        SimPeer client = Ask(Msg.Post(Msg.Text(2_000_000)));

        Assert.That(client.UnsentBytes, Is.GreaterThan(1_700_000));
        Backend.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo(Msg.Text(2_000_000)));
    }

    // RFC 9112 section 7.1: the framing is this hop's.
    [Test]
    public void Chunks_are_made_anew_and_their_extensions_dropped()
    {
        SimPeer client = Bed.Connect();
        Send(client, Msg.PostChunks() + "5;a=b\r\nhel");
        Send(client, "lo\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n");
        Send(Backend, Msg.Ok());

        Assert.That(Msg.Dechunk(Msg.BodyOf(Backend.Text)), Is.EqualTo("hello world"));
        Assert.That(Backend.Text, Does.Not.Contain("a=b"));
        Assert.That(Backend.Text, Does.EndWith("\r\n0\r\n\r\n"));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
    }

    [Test]
    public void A_large_chunked_body_in_chunks_of_all_sizes_is_passed_on()
    {
        string text = Msg.Text(250_000);
        SimPeer client = Bed.Connect();
        client.Send(Msg.PostChunks());
        int at = 0;
        for (int size = 1; at < text.Length; size += 37)
        {
            int taken = Math.Min(size, text.Length - at);
            client.Send(Msg.Chunk(text.Substring(at, taken)));
            at += taken;
        }

        client.Send(Msg.LastChunk + Msg.Get("/next"));
        Net.RunUntilIdle();
        string sent = Backend.Text;
        Backend.Clear();
        Send(Backend, Msg.Ok());

        Assert.That(Msg.Dechunk(Msg.BodyOf(sent)), Is.EqualTo(text));
        Assert.That(Backend.Text, Does.StartWith("GET /next "), "what follows the body is the next request");
        Assert.That(client.IsFinished, Is.False);
    }

    // A block that is full of head and chunk does not fit one block with the rewritten head: the chunk is cut there.
    [TestCase(Block, Description = "fills it")]
    [TestCase(3 * Block, Description = "goes on in the next")]
    public void A_chunk_that_fills_a_block_is_passed_on_as_it_is(int length)
    {
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 4 * Block, ReceiveBufferBytes = 4 * Block };

        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk(Msg.Text(length)) + Msg.LastChunk);
        Send(Backend, Msg.Ok("done"));

        Assert.That(Msg.Dechunk(Msg.BodyOf(Backend.Text)), Is.EqualTo(Msg.Text(length)));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void Chunks_may_arrive_byte_by_byte()
    {
        SimPeer client = Bed.Connect();
        foreach (char c in Msg.PostChunks() + "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nT: 1\r\n\r\n")
        {
            Send(client, c.ToString());
        }

        Assert.That(Msg.Dechunk(Msg.BodyOf(Backend.Text)), Is.EqualTo("abcde"));
    }

    [Test]
    public void Request_trailers_are_dropped_unless_the_route_wants_them()
    {
        Ask(Msg.PostChunks() + "1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n");

        Assert.That(Backend.Text, Does.EndWith("1\r\na\r\n0\r\n\r\n"));
    }

    [Test]
    public void Request_trailers_are_passed_on_where_the_route_says_so()
    {
        Start(o => o with { Routes = [new RouteOptions { RequestTrailers = true }] });

        Ask(Msg.PostChunks() + "1\r\na\r\n0\r\nX-Sum: 1\r\nContent-Length: 7\r\n\r\n");

        Assert.That(Backend.Text, Does.EndWith("1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"));
    }

    [Test]
    public void A_body_of_a_get_is_passed_on_too()
    {
        Ask("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("abc"));
    }

    [Test]
    public void A_malformed_chunk_is_answered_400_and_never_passed_on()
    {
        SimPeer client = Bed.Connect();
        Send(client, Msg.PostChunks() + "1\r\na\r\n");
        Send(client, "zz\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(400));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(client.IsFinished);
        Assert.That((Backend.Text.EndsWith("1\r\na\r\n", StringComparison.Ordinal), Backend.IsFinished), Is.EqualTo((true, true)));
    }

    [Test]
    public void A_malformed_chunk_right_behind_the_head_is_answered_400()
    {
        SimPeer client = Ask(Msg.PostChunks() + "1\r\naX");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(400));
        Assert.That(Bed.Backend.Peers, Is.Empty);
    }

    [Test]
    public void An_announced_body_over_the_limit_is_answered_413_before_a_byte_of_it_is_passed_on()
    {
        StartLimited(new Limits { MaxRequestBodyBytes = 10 });

        SimPeer client = Ask(Msg.Post("12345678901"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(Bed.Backend.Peers, Is.Empty);
    }

    [Test]
    public void A_body_at_the_limit_is_passed_on()
    {
        StartLimited(new Limits { MaxRequestBodyBytes = 10 });

        Ask(Msg.Post("1234567890"));

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("1234567890"));
    }

    [Test]
    public void A_chunked_body_that_grows_over_the_limit_is_answered_413()
    {
        StartLimited(new Limits { MaxRequestBodyBytes = 10 });
        SimPeer client = Bed.Connect();
        Send(client, Msg.PostChunks() + Msg.Chunk("123456"));
        Send(client, Msg.Chunk("78901"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That(Backend.IsFinished, "the backend's connection cannot be used again");
    }

    [Test]
    public void A_chunked_body_over_the_limit_in_the_first_block_is_answered_413()
    {
        StartLimited(new Limits { MaxRequestBodyBytes = 10 });

        SimPeer client = Ask(Msg.PostChunks() + Msg.Chunk("12345678901") + Msg.LastChunk);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That(Bed.Backend.Peers, Is.Empty);
    }

    [TestCase("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")]
    [TestCase("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    [TestCase("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y")]
    public void A_body_that_the_client_cuts_short_is_never_made_to_look_whole(string request)
    {
        SimPeer client = Bed.Connect();
        client.Send(request);
        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(400));
        Assert.That(client.IsFinished);
        Assert.That(Backend.Text, Does.Not.Contain("\r\n0\r\n"));
        Assert.That(Backend.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.ClientAborted), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_resets_in_its_body_ends_the_exchange()
    {
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Backend.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_stops_in_its_body_is_answered_408()
    {
        StartWithoutMinimumRate();
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        Net.RunFor(TimeSpan.FromSeconds(59));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(1.2));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
        client.Close();
        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(Bed.ClientCloses(CloseReason.BodyTimeout), Is.EqualTo(1));
    }

    [Test]
    public void The_body_gap_starts_anew_with_each_byte()
    {
        StartWithoutMinimumRate();
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
        for (int i = 0; i < 4; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(50));
            Send(client, "x");
        }

        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void Back_pressure_is_not_held_against_the_client()
    {
        StartTimed(new Timeouts { RequestBodyGap = TimeSpan.FromSeconds(5), BackendSendGap = TimeSpan.FromSeconds(30) });
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Msg.Post(Msg.Text(500_000)));

        Net.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(11));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Bed.BackendCloses(CloseReason.BackendSendTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_slow_backend_that_goes_on_taking_bytes_is_waited_for()
    {
        StartTimed(new Timeouts { BackendSendGap = TimeSpan.FromSeconds(5) });
        Bed.Network.Link = Narrow;
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Msg.Post(Msg.Text(20_000)));
        for (int i = 0; i < 20; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(4));
            Backend.ResumeReading();
            Backend.PauseReading();
        }

        Backend.ResumeReading();
        Net.RunUntilIdle();
        Send(Backend, Msg.Ok("done"));
        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo(Msg.Text(20_000)));
        Assert.That(client.Text, Does.EndWith("done"));
    }
}
