using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>When a request is sent again (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1), and when it must not be.</summary>
[TestFixture]
internal sealed class RetryTests : EngineFixture
{
    [Test]
    public void A_backend_that_refuses_is_passed_over_whatever_the_method([Values("GET", "POST")] string method)
    {
        Start(backends: 3);
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Refused);
        Net.SetOutcome(Bed.Backends[1].Address, ConnectOutcome.Refused);
        Bed.AnswerWith(Msg.Ok("third"));

        for (int i = 0; i < 3; i++)
        {
            SimPeer client = Ask($"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
            Assert.That(client.Text, Does.EndWith("third"));
        }

        Assert.That(Bed.Backends[2].Peers, Has.Count.EqualTo(1));
    }

    [Test]
    public void When_all_refuse_each_was_asked_once_and_the_answer_is_502()
    {
        Start(backends: 3);
        foreach (SimServer backend in Bed.Backends)
        {
            Net.SetOutcome(backend.Address, ConnectOutcome.Refused);
        }

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.Backends.Select(b => b.ConnectFailures), Has.All.EqualTo(1));
    }

    [Test]
    public void A_backend_that_does_not_answer_the_connect_is_answered_504_in_time()
    {
        Net.SetOutcome(Bed.Backend.Address, ConnectOutcome.Unanswered);
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(3.9));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(client.IsFinished, Is.False);
    }

    [Test]
    public void Connecting_to_all_takes_no_longer_than_connecting_to_one_may()
    {
        Start(backends: 3);
        foreach (SimServer backend in Bed.Backends)
        {
            Net.SetOutcome(backend.Address, ConnectOutcome.Unanswered);
        }

        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(4.2));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
    }

    [TestCase(ConnectOutcome.NoLocalPort)]
    [TestCase(ConnectOutcome.NoDescriptor)]
    public void What_this_machine_lacks_is_answered_503_and_no_fault_of_the_backend(ConnectOutcome outcome)
    {
        Net.SetOutcome(Bed.Backend.Address, outcome);

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(503));
        Assert.That(Msg.Field(client.Text, "Retry-After"), Is.EqualTo("1"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Status.Backends[0].ConnectFailures, Is.Zero);
    }

    [Test]
    public void A_fresh_connection_that_ends_before_the_response_is_answered_502([Values] bool reset)
    {
        SimPeer client = Ask(Msg.Get());
        End(Backend, reset);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
    }

    [Test]
    public void A_reused_connection_that_ends_before_the_response_is_followed_by_a_fresh_one([Values] bool reset)
    {
        SimPeer client = Warm();
        Send(client, Msg.Get("/again"));
        End(Bed.Backend.Peers[0], reset);
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Backend.Text, Does.StartWith("GET /again "));
        Send(Backend, Msg.Ok("second try"));

        Assert.That(client.Text, Does.EndWith("second try"));
        Assert.That(Bed.BackendCloses(CloseReason.BackendStale), Is.EqualTo(1));
        Assert.That(Bed.Status.Requests, Is.EqualTo(2));
    }

    [Test]
    public void The_body_is_sent_again_too()
    {
        SimPeer client = Warm();
        Send(client, "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(Msg.Dechunk(Msg.BodyOf(Backend.Text)), Is.EqualTo("hello"));
    }

    [Test]
    public void The_second_time_is_the_last()
    {
        SimPeer client = Warm();
        Send(client, Msg.Get());
        End(Bed.Backend.Peers[0], reset: true);
        End(Bed.Backend.Peers[1], reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
    }

    [TestCase("POST")]
    [TestCase("PATCH")]
    [TestCase("BREW")]
    public void A_request_that_may_not_be_repeated_is_answered_502(string method)
    {
        SimPeer client = Warm();
        Send(client, Msg.Get(method: method));
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
    }

    [TestCase("GET")]
    [TestCase("HEAD")]
    [TestCase("OPTIONS")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    public void A_request_that_may_be_repeated_is(string method)
    {
        SimPeer client = Warm();
        Send(client, Msg.Get(method: method));
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(Backend.Text, Does.StartWith(method + " "));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
    }

    [Test]
    public void After_a_byte_of_the_response_nothing_is_sent_again()
    {
        SimPeer client = Warm();
        Send(client, Msg.Get());
        Send(Bed.Backend.Peers[0], "H");
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
    }

    [Test]
    public void After_an_interim_response_nothing_is_sent_again()
    {
        SimPeer client = Warm();
        Send(client, Msg.Get());
        Send(Bed.Backend.Peers[0], "HTTP/1.1 103 Early Hints\r\n\r\n");
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(client.Text, Does.Contain("HTTP/1.1 502 "));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_body_that_is_not_kept_is_not_sent_again()
    {
        SimPeer client = Warm();
        client.Send($"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{Msg.Text(100_000)}");
        Net.RunUntilIdle();
        End(Bed.Backend.Peers[0], reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
    }

    [Test]
    public void Without_a_replay_buffer_only_requests_without_a_body_are_sent_again()
    {
        StartLimited(new Limits { MaxReplayBytes = 0 });
        SimPeer client = Warm();
        Send(client, Msg.Get());
        End(Bed.Backend.Peers[0], reset: true);
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Send(Backend, Msg.Ok());
        client.Clear();

        Send(client, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        End(Bed.Backend.Peers[1], reset: true);
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
    }

    // The backend's RST is in the engine's socket before the loop has had a turn: the kernel takes no byte.
    [Test]
    public void A_post_that_a_reused_connection_took_no_byte_of_is_sent_again()
    {
        SimPeer client = Warm();
        SimPeer first = Bed.Backend.Peers[0];
        for (int seed = 0; seed < 20 && Bed.Backend.Peers.Count == 1; seed++)
        {
            client.Send(Msg.Post("hello"));
            first.Reset();
            Net.RunUntilIdle();
        }

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("hello"));
        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void A_request_without_host_carries_the_authority_of_the_backend_it_is_sent_to()
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with
                    {
                        Backends =
                        [
                            o.Groups[0].Backends[0] with { Authority = "first.example" },
                            o.Groups[0].Backends[1] with { Authority = "the-second.example:81" },
                        ],
                    },
                ],
            },
            backends: 2);
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Refused);

        for (int i = 0; i < 2; i++)
        {
            Ask("GET /old HTTP/1.0\r\nX: y\r\n\r\n");
            Assert.That(Bed.Newest(1).Text, Does.StartWith("GET /old HTTP/1.1\r\nHost: the-second.example:81\r\nX: y\r\n"));
        }
    }

    [Test]
    public void An_unreachable_backend_is_passed_over_too()
    {
        Start(backends: 2);
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Unreachable);
        Bed.AnswerWith(Msg.Ok("second"));

        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("second"));
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("second"));
    }

    /// <summary>A client whose backend connection has served a request and is idle.</summary>
    private SimPeer Warm()
    {
        SimPeer client = Ask(Msg.Get("/warm"));
        Send(Backend, Msg.Ok());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        client.Clear();
        Backend.Clear();
        return client;
    }

    private void End(SimPeer peer, bool reset)
    {
        if (reset)
        {
            peer.Reset();
        }
        else
        {
            peer.Close();
        }

        Net.RunUntilIdle();
    }
}
