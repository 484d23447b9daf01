using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Answers of the engine's own: which, when, and what becomes of the client's connection.</summary>
[TestFixture]
internal sealed class FaultTests : EngineFixture
{
    [TestCase(400, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", TestName = "two hosts")]
    [TestCase(400, "GET / HTTP/1.1\r\n\r\n", TestName = "no host")]
    [TestCase(400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", TestName = "two framings")]
    [TestCase(400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", TestName = "a signed length")]
    [TestCase(400, "GET / HTTP/1.1\nHost: x\n\n", TestName = "bare line feeds")]
    [TestCase(400, "\0\0\0\0\r\n\r\n", TestName = "no request at all")]
    [TestCase(400, "GET / HTTP/1.1\r\nHost: x\r\nConnection: host\r\n\r\n", TestName = "host named away")]
    [TestCase(405, "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", TestName = "connect")]
    [TestCase(501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", TestName = "an unknown coding")]
    [TestCase(505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n", TestName = "another major version")]
    public void What_breaks_the_protocol_is_answered_and_closed(int status, string request)
    {
        SimPeer client = Ask(request);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(status));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(Msg.Field(client.Text, "Date"), Is.Not.Null);
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(Bed.Backend.Peers, Is.Empty);
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void A_request_line_over_the_limit_is_answered_414_and_a_head_over_it_431()
    {
        Assert.That(Msg.StatusOf(Ask(Msg.Get("/" + Msg.Text(9000))).Text), Is.EqualTo(414));
        Assert.That(Msg.StatusOf(Ask(Msg.Get(fields: $"X: {Msg.Text(40_000)}\r\n")).Text), Is.EqualTo(431));
    }

    // What still comes would reset the connection and could erase the answer.
    [Test]
    public void The_answer_to_a_refused_body_survives_the_body()
    {
        StartLimited(new Limits { MaxRequestBodyBytes = 10 });
        Bed.Network.Link = new LinkSettings { Latency = TimeSpan.FromMilliseconds(50) };

        SimPeer client = Ask(Msg.Post(Msg.Text(100_000), "Connection: close\r\n"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(413));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
    }

    [Test]
    public void Trace_is_answered_405_with_allow_and_what_follows_is_served()
    {
        Bed.AnswerWith(Msg.Ok("next"));

        SimPeer client = Ask(Msg.Get(method: "TRACE") + Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(405));
        Assert.That(Msg.Field(client.Text, "Allow"), Does.Contain("GET"));
        Assert.That(client.Text, Does.EndWith("next"));
    }

    // RFC 9931: what follows the head of CONNECT is not HTTP.
    [Test]
    public void Nothing_behind_connect_is_parsed()
    {
        SimPeer client = Ask("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n" + Msg.Get("/smuggled"));

        Assert.That(client.Text.Split("HTTP/1.1 "), Has.Length.EqualTo(2));
        Assert.That(Bed.Backend.Peers, Is.Empty);
        Assert.That(Bed.Status.Requests, Is.EqualTo(1));
    }

    [Test]
    public void A_request_without_a_route_is_answered_404_and_the_connection_stays()
    {
        Start(o => o with { Routes = [new RouteOptions { Host = "known" }] });

        SimPeer client = Ask(Msg.Get() + "GET / HTTP/1.1\r\nHost: known\r\n\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(404));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("keep-alive"));
        Assert.That(Backend.Text, Does.Contain("Host: known"));
    }

    [Test]
    public void A_short_body_of_a_request_without_a_route_is_read_past()
    {
        Start(o => o with { Routes = [new RouteOptions { Host = "known" }] });

        SimPeer client = Ask(Msg.Post(Msg.Text(60_000)) + Msg.Get());

        Assert.That(client.Text.Split("HTTP/1.1 404"), Has.Length.EqualTo(3));
    }

    [Test]
    public void A_long_body_of_a_request_without_a_route_closes_the_connection()
    {
        Start(o => o with { Routes = [new RouteOptions { Host = "known" }] });

        SimPeer client = Ask(Msg.Post(Msg.Text(70_000)));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(404));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
    }

    [Test]
    public void An_answer_to_head_has_no_body()
    {
        Start(o => o with { Routes = [new RouteOptions { Host = "known" }] });

        SimPeer client = Ask(Msg.Get(method: "HEAD"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(404));
        Assert.That(Msg.BodyOf(client.Text), Is.Empty);
        Assert.That(Msg.Field(client.Text, "Content-Length"), Is.Not.EqualTo("0"));
    }

    [Test]
    public void A_group_whose_backends_all_have_no_weight_is_answered_503()
    {
        Start(o => o with
        {
            Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[0] with { Weight = 0 }] }],
        });

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(503));
        Assert.That(Msg.Field(client.Text, "Retry-After"), Is.EqualTo("1"));
        Assert.That(client.IsFinished, Is.False);
    }

    [TestCase("HTTP/1.1 200 OK\nContent-Length: 0\n\n", TestName = "bare line feeds from a backend")]
    [TestCase("HTTP/1.1 20 OK\r\n\r\n", TestName = "a status of two digits")]
    [TestCase("HTTP/2 200\r\n\r\n", TestName = "a version that is not 1")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", TestName = "two lengths")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", TestName = "length and coding")]
    [TestCase("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", TestName = "a coding in 1.0")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", TestName = "a coding that is not chunked")]
    [TestCase("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", TestName = "a folded line")]
    [TestCase("HTTP/1.1 200 OK\r\nX : a\r\n\r\n", TestName = "a space before a colon")]
    [TestCase("SSH-2.0-OpenSSH\r\n", TestName = "another protocol")]
    public void A_malformed_response_is_answered_502_and_never_passed_on(string response)
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, response);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Backend.IsFinished);
        Assert.That(Bed.BackendCloses(CloseReason.BackendProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void A_response_head_over_the_limit_is_answered_502()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, $"HTTP/1.1 200 OK\r\nX: {Msg.Text(70_000)}\r\n\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
    }

    [Test]
    public void A_response_head_that_nearly_fills_a_block_is_passed_on()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.Ok("done", $"X: {Msg.Text(60_000)}\r\n"));

        Assert.That(Msg.Field(client.Text, "X"), Is.EqualTo(Msg.Text(60_000)));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void A_response_head_that_is_cut_short_is_answered_502()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-");
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_does_not_answer_in_time_is_given_up_with_504_and_the_client_stays()
    {
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(59.9));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.BackendResponseTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_response_head_that_drips_does_not_gain_time()
    {
        SimPeer client = Ask(Msg.Get());
        for (int i = 0; i < 7; i++)
        {
            Send(Backend, "HTTP/1.1 200 OK"[i].ToString());
            Net.RunFor(TimeSpan.FromSeconds(9));
        }

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
    }

    [Test]
    public void A_client_that_does_not_take_the_engines_own_answer_is_given_up()
    {
        StartTimed(new Timeouts { ResponseSendGap = TimeSpan.FromSeconds(5) });
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 64, ReceiveBufferBytes = 64 };
        SimPeer client = Bed.Connect();
        client.PauseReading();
        Send(client, Msg.Get(method: "TRACE"));
        Net.RunFor(TimeSpan.FromSeconds(5.3));

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
        Assert.That(Bed.ClientCloses(CloseReason.SendTimeout), Is.EqualTo(1));
    }
}
