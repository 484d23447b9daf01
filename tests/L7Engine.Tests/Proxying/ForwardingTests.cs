using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>What a backend gets of a request, and a client of a response, besides their bodies.</summary>
[TestFixture]
internal sealed class ForwardingTests : EngineFixture
{
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    [Test]
    public void A_request_is_forwarded_and_its_response_relayed()
    {
        Bed.AnswerWith(Msg.Ok("hello"));

        SimPeer client = Ask(Msg.Get("/a"));

        Assert.That(client.Text, Does.StartWith("HTTP/1.1 200 OK\r\n").And.EndWith("\r\n\r\nhello"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.ClientConnectionsIdle, Is.EqualTo(1));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void The_target_is_passed_on_byte_for_byte()
    {
        Ask(Msg.Get("/a/../b/%7Ex//y?q=%2e%2E&z"));

        Assert.That(Backend.Text, Does.StartWith("GET /a/../b/%7Ex//y?q=%2e%2E&z HTTP/1.1\r\nHost: x\r\n"));
    }

    // RFC 9112 section 3.2.2.
    [Test]
    public void An_absolute_target_replaces_host()
    {
        Ask("GET http://other:81/p?q HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That(Backend.Text, Does.StartWith("GET /p?q HTTP/1.1\r\nHost: other:81\r\n"));
        Assert.That(Backend.Text, Does.Not.Contain("Host: x\r\n"));
    }

    [Test]
    public void A_method_that_is_not_known_is_forwarded()
    {
        Ask(Msg.Get(method: "BREW"));

        Assert.That(Backend.Text, Does.StartWith("BREW / HTTP/1.1\r\n"));
    }

    [Test]
    public void Options_for_the_server_is_answered_by_the_engine()
    {
        SimPeer client = Ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That(client.Text, Does.StartWith("HTTP/1.1 200 OK\r\n").And.Contain("Content-Length: 0\r\n"));
        Assert.That(client.Text, Does.Contain("Allow: "));
        Assert.That(Bed.Backend.Peers, Is.Empty);
        Assert.That(client.IsFinished, Is.False);
    }

    // RFC 9110 section 7.6.2.
    [Test]
    public void Max_forwards_of_zero_is_answered_and_any_other_is_counted_down()
    {
        SimPeer first = Ask(Msg.Get(fields: "Max-Forwards: 0\r\n", method: "OPTIONS"));
        Assert.That(Msg.StatusOf(first.Text), Is.EqualTo(200));
        Assert.That(Bed.Backend.Peers, Is.Empty);

        Ask(Msg.Get(fields: "Max-Forwards: 5\r\n", method: "OPTIONS"));
        Assert.That(Backend.Text, Does.Contain("Max-Forwards: 4\r\n"));
    }

    // RFC 9110 section 7.6.1.
    [Test]
    public void Fields_of_this_hop_do_not_reach_the_backend()
    {
        Ask(Msg.Get(fields: "Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
            + "Proxy-Connection: keep-alive\r\nTE: gzip\r\nUpgrade: h2c\r\nX-Stays: 1\r\n"));

        foreach (string name in new[] { "X-Mine", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "Connection" })
        {
            Assert.That(Msg.Field(Backend.Text, name), Is.Null, name);
        }

        Assert.That(Msg.Field(Backend.Text, "X-Stays"), Is.EqualTo("1"));
    }

    [Test]
    public void Fields_of_the_backends_hop_do_not_reach_the_client()
    {
        Bed.AnswerWith(Msg.Ok("x", "Connection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nX-Stays: 1\r\n"));

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.Field(client.Text, "X-Mine"), Is.Null);
        Assert.That(Msg.Field(client.Text, "Keep-Alive"), Is.Null);
        Assert.That(Msg.Field(client.Text, "X-Stays"), Is.EqualTo("1"));
    }

    [Test]
    public void Via_names_the_engine_and_the_version_received_in_both_directions()
    {
        Bed.AnswerWith("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
        string? sent = null;
        Bed.Backend.OnAccepted += peer => peer.OnEnded = p => sent = p.Text;

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.Field(client.Text, "Via"), Does.StartWith("1.0 l7engine"));
    }

    [Test]
    public void Via_can_be_turned_off()
    {
        StartListener(l => l with { Via = null });

        SimPeer client = Ask(Msg.Get());
        Assert.That(Msg.Field(Backend.Text, "Via"), Is.Null);

        Send(Backend, Msg.Ok());
        Assert.That(Msg.Field(client.Text, "Via"), Is.Null);
    }

    // RFC 9110 section 7.6: a message is not forwarded to oneself without protection.
    [Test]
    public void A_request_that_comes_round_again_is_answered_508_and_closed()
    {
        Ask(Msg.Get());
        string via = Msg.Field(Backend.Text, "Via")!;

        SimPeer again = Ask(Msg.Get(fields: $"Via: {via}\r\n"));

        Assert.That(Msg.StatusOf(again.Text), Is.EqualTo(508));
        Assert.That(Msg.Field(again.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(again.IsFinished);
    }

    [Test]
    public void X_forwarded_fields_are_set_from_the_connection_by_default()
    {
        SimPeer client = Bed.Connect(IPAddress.Parse("10.1.2.3"));
        Send(client, Msg.Get(fields: "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n"));

        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("10.1.2.3"));
        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-Proto"), Is.EqualTo("http"));
        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-Host"), Is.EqualTo("x"));
        Assert.That(Msg.Field(Backend.Text, "Forwarded"), Is.Null);
    }

    [Test]
    public void X_forwarded_fields_of_a_trusted_proxy_are_extended()
    {
        StartListener(l => l with
        {
            TrustedProxies = [Loopback],
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
        });

        Ask(Msg.Get(fields: "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n"));

        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("6.6.6.6, 127.0.0.1"));
        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-Proto"), Is.EqualTo("https"));
    }

    [Test]
    public void X_forwarded_fields_of_anybody_else_are_not_extended()
    {
        StartListener(l => l with
        {
            TrustedProxies = [Loopback],
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
        });

        SimPeer client = Bed.Connect(IPAddress.Parse("10.1.2.3"));
        Send(client, Msg.Get(fields: "X-Forwarded-For: 6.6.6.6\r\n"));

        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("10.1.2.3"));
    }

    [Test]
    public void X_forwarded_fields_can_be_turned_off()
    {
        StartListener(l => l with { Forwarded = new ForwardedOptions { Mode = ForwardedFields.Off } });

        Ask(Msg.Get(fields: "X-Forwarded-For: 6.6.6.6\r\n"));

        Assert.That(Backend.Text, Does.Not.Contain("X-Forwarded"));
    }

    // RFC 9110 section 6.6.1.
    [Test]
    public void A_response_without_date_gets_one()
    {
        Bed.AnswerWith(Msg.Ok());

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.Field(client.Text, "Date"), Is.EqualTo("Tue, 01 Jan 2030 00:00:01 GMT"));
    }

    [Test]
    public void The_date_of_a_response_stays()
    {
        Bed.AnswerWith(Msg.Ok(fields: "Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n"));

        SimPeer client = Ask(Msg.Get());

        Assert.That(client.Text.Split("Date: "), Has.Length.EqualTo(2));
        Assert.That(Msg.Field(client.Text, "Date"), Is.EqualTo("Mon, 02 Jan 2006 15:04:05 GMT"));
    }

    // RFC 9112 section 6.3, rule 1; RFC 9110 section 8.6.
    [TestCase("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "5")]
    [TestCase("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", null)]
    [TestCase("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", null)]
    [TestCase("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "5")]
    public void A_response_without_a_body_ends_with_its_head(string method, string response, string? length)
    {
        Bed.AnswerWith(response);

        SimPeer client = Ask(Msg.Get(method: method));
        Send(client, Msg.Get(method: method));

        Assert.That(client.Text.Split("HTTP/1.1 "), Has.Length.EqualTo(3), "two heads and nothing else");
        Assert.That(Msg.Field(client.Text, "Content-Length"), Is.EqualTo(length));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1), "the connection was used again");
    }

    // RFC 9112 section 9.3.2.
    [Test]
    public void Pipelined_requests_are_answered_in_order()
    {
        int count = 0;
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            Assert.That(p.Text.Split("GET ").Length, Is.EqualTo(2), "one at a time");
            string target = p.Text.Split(' ')[1];
            p.Clear();
            p.Send(Msg.Ok($"[{++count}{target}]"));
        };

        SimPeer client = Ask(Msg.Get("/a") + Msg.Get("/b") + "\r\n" + Msg.Get("/c"));

        Assert.That(client.Text, Does.Match(@"(?s)\[1/a\].*\[2/b\].*\[3/c\]$"));
        Assert.That(Bed.Status.Requests, Is.EqualTo(3));
    }

    [Test]
    public void Pipelined_requests_are_answered_though_the_client_has_finished_sending()
    {
        Bed.AnswerWith(Msg.Ok("x"));
        SimPeer client = Bed.Connect();
        client.Send(Msg.Get("/a") + Msg.Get("/b"));
        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That(client.Text.Split("HTTP/1.1 200"), Has.Length.EqualTo(3));
        Assert.That((client.IsFinished, client.IsReset), Is.EqualTo((true, false)));
        Assert.That(client.Text, Does.EndWith("Connection: close\r\n\r\nx"));
    }

    [Test]
    public void A_response_without_a_reason_phrase_is_passed_on()
    {
        Bed.AnswerWith("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n");

        Assert.That(Ask(Msg.Get()).Text, Does.StartWith("HTTP/1.1 200 \r\n"));
    }

    [Test]
    public void Several_set_cookie_lines_stay_several_and_in_order()
    {
        Bed.AnswerWith(Msg.Ok(fields: "Set-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2\r\n"));

        Assert.That(Ask(Msg.Get()).Text, Does.Contain("Set-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2\r\n"));
    }

    [Test]
    public void A_response_head_may_arrive_byte_by_byte()
    {
        SimPeer client = Ask(Msg.Get());
        foreach (char c in Msg.Ok("hello"))
        {
            Send(Backend, c.ToString());
        }

        Assert.That(client.Text, Does.EndWith("\r\n\r\nhello"));
    }

    [Test]
    public void A_head_of_a_thousand_and_more_bytes_may_arrive_byte_by_byte()
    {
        SimPeer client = Bed.Connect();
        foreach (char c in Msg.Get(fields: $"X: {Msg.Text(1500)}\r\n"))
        {
            Send(client, c.ToString());
        }

        Assert.That(Msg.Field(Backend.Text, "X"), Is.EqualTo(Msg.Text(1500)));
    }

    // The rest stays unconsumed, so a read of a stream that has ended gives the same bytes for ever.
    [Test]
    public void A_client_that_ends_within_its_trailers_does_not_keep_the_loop_busy()
    {
        var bed = new EngineBed();
        SimPeer client = bed.Connect();
        client.Send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b");
        client.Close();

        bed.Network.RunUntilIdle();

        Assert.That(bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_backend_that_ends_within_its_trailers_cuts_the_response_short()
    {
        var bed = new EngineBed();
        bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            p.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b");
            p.Close();
        };

        SimPeer client = bed.Ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That(client.IsFinished, Is.True);
        Assert.That(client.Text, Does.EndWith("1\r\na\r\n"));
        Assert.That(bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
    }
}
