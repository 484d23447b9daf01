using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Interim responses and Expect: 100-continue (RFC 9110 sections 15.2 and 10.1.1).</summary>
[TestFixture]
internal sealed class InterimTests : EngineFixture
{
    private const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
    private const string Hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    private const string Expecting = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

    [Test]
    public void Interim_responses_are_passed_on_as_they_come()
    {
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Hints);
        Assert.That(client.Text, Does.StartWith("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n").And.EndWith("\r\n\r\n"));
        Assert.That(client.Text, Does.Not.Contain("Connection"));

        client.Clear();
        Send(Backend, Hints + Msg.Ok("done"));

        Assert.That(client.Text, Does.Match(@"(?s)^HTTP/1\.1 103 .*HTTP/1\.1 200 .*done$"));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        Assert.That(Bed.Status.Responses.Sum(r => r.Count), Is.EqualTo(1), "only the final one counts");
    }

    [Test]
    public void Interim_responses_are_not_sent_to_an_older_client()
    {
        SimPeer client = Ask("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
        Send(Backend, Hints + Msg.Ok("done"));

        Assert.That(client.Text, Does.StartWith("HTTP/1.1 200 OK\r\n").And.Not.Contain("103"));
    }

    [Test]
    public void An_interim_head_and_the_final_one_may_arrive_byte_by_byte()
    {
        SimPeer client = Ask(Msg.Get());
        foreach (char c in Hints + Msg.Ok("done", $"X: {Msg.Text(1200)}\r\n"))
        {
            Send(Backend, c.ToString());
        }

        Assert.That(client.Text, Does.Match(@"(?s)^HTTP/1\.1 103 .*HTTP/1\.1 200 .*done$"));
    }

    [Test]
    public void More_interim_responses_than_the_limit_are_answered_502()
    {
        StartLimited(new Limits { MaxInterimResponses = 2 });
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Hints + Hints + Hints + Msg.Ok());

        Assert.That(client.Text, Does.Contain("HTTP/1.1 502 ").And.Not.Contain("HTTP/1.1 200 "));
        Assert.That(Bed.BackendCloses(CloseReason.BackendProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_waits_is_told_to_go_on_by_the_backend()
    {
        SimPeer client = Ask(Expecting);
        Assert.That(Msg.Field(Backend.Text, "Expect"), Is.EqualTo("100-continue"));
        Assert.That(client.Text, Is.Empty);

        Send(Backend, Continue);
        Assert.That(client.Text, Does.StartWith("HTTP/1.1 100 "));

        Send(client, "hello");
        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("hello"));

        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_does_not_wait_is_served_all_the_same()
    {
        SimPeer client = Ask(Expecting + "he");
        Send(client, "llo");
        Send(Backend, Continue + Msg.Ok("done"));

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("hello"));
        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(client.IsFinished, Is.False);
    }

    // Its next byte could be the body or another request: nobody can know.
    [Test]
    public void A_final_answer_in_place_of_100_closes_both_connections()
    {
        SimPeer client = Ask(Expecting);
        Send(Backend, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(401));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(client.IsFinished);
        Assert.That(Backend.IsFinished);
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.ClientCloses(CloseReason.RequestBodyUnread), Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_neither_goes_on_nor_answers_is_given_up_with_504()
    {
        SimPeer client = Ask(Expecting);
        Net.RunFor(TimeSpan.FromSeconds(59.9));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        Assert.That(Bed.BackendCloses(CloseReason.BackendResponseTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_was_told_to_go_on_and_does_not_is_answered_408()
    {
        StartTimed(new Timeouts { RequestBodyGap = TimeSpan.FromSeconds(5) });
        SimPeer client = Ask(Expecting);
        Net.RunFor(TimeSpan.FromSeconds(20));
        Send(Backend, Continue);
        Net.RunFor(TimeSpan.FromSeconds(4.9));
        Assert.That(client.Text, Does.Not.Contain("408 Request"));
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(client.Text, Does.Contain("HTTP/1.1 408 "));
    }

    // The clock of the backend runs from the end of the request.
    [Test]
    public void A_body_that_takes_longer_than_the_backend_may_is_no_fault_of_the_backend()
    {
        StartWithoutMinimumRate(new Timeouts { BackendResponse = TimeSpan.FromSeconds(5) });
        SimPeer client = Ask(Expecting);
        Send(client, "he");
        Net.RunFor(TimeSpan.FromSeconds(30));
        Send(client, "llo");
        Net.RunFor(TimeSpan.FromSeconds(4.9));
        Send(Backend, Msg.Ok("done"));

        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void An_expectation_of_an_older_client_is_ignored()
    {
        Ask("POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx");

        Assert.That(Msg.Field(Backend.Text, "Expect"), Is.Null);
    }

    [Test]
    public void An_unknown_expectation_is_answered_417_and_the_connection_stays()
    {
        Bed.AnswerWith(Msg.Ok("next"));

        SimPeer client = Ask(Msg.Get(fields: "Expect: miracles\r\n") + Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(417));
        Assert.That(client.Text, Does.EndWith("next"), "and what was pipelined behind it is not lost");
    }

    [Test]
    public void A_slow_client_of_an_interim_response_does_not_stop_the_backends_clock_for_good()
    {
        StartWithoutMinimumRate(new Timeouts { BackendResponse = TimeSpan.FromSeconds(2), ResponseSendGap = TimeSpan.FromSeconds(30) });
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 256, ReceiveBufferBytes = 256 };
        SimPeer client = Bed.Connect();
        Bed.Network.Link = new LinkSettings();
        client.PauseReading();
        Send(client, Msg.Get());
        Send(Backend, $"HTTP/1.1 103 Early Hints\r\nLink: {Msg.Text(2000)}\r\n\r\n");
        Net.RunFor(TimeSpan.FromSeconds(10));
        client.ResumeReading();
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That(client.Text, Does.Contain("HTTP/1.1 504 "));
    }

    [Test]
    public void A_client_that_goes_while_an_interim_response_is_sent_ends_the_exchange()
    {
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 256, ReceiveBufferBytes = 256 };
        SimPeer client = Bed.Connect();
        Bed.Network.Link = new LinkSettings();
        client.PauseReading();
        Send(client, Msg.Get());
        Send(Backend, $"HTTP/1.1 103 Early Hints\r\nLink: {Msg.Text(2000)}\r\n\r\n");
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Backend.IsFinished);
    }
}
