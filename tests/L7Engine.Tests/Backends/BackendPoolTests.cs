using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

/// <summary>Which connections to a backend are kept, used again and let go.</summary>
[TestFixture]
internal sealed class BackendPoolTests : EngineFixture
{
    private static readonly int[] Weights = [5, 3, 1, 0];

    [Test]
    public void A_connection_serves_one_request_after_the_other()
    {
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 5; i++)
        {
            Ask(Msg.Get());
        }

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(1));
        Assert.That(Bed.Status.RequestsOnReusedBackendConnections, Is.EqualTo(4));
        BackendStatus status = Bed.Status.Backends[0];
        Assert.That((status.Requests, status.RequestsOnReusedConnections, status.ConnectionsOpened), Is.EqualTo((5, 4, 1)));
    }

    [Test]
    public void The_connection_that_was_used_last_is_used_first()
    {
        SimPeer[] peers = Open(3);
        Send(peers[1], Msg.Ok());
        Send(peers[2], Msg.Ok());
        Send(peers[0], Msg.Ok());

        foreach (int expected in new[] { 0, 2, 1 })
        {
            Ask(Msg.Get($"/{expected}"));
            Assert.That(peers[expected].Text, Does.StartWith($"GET /{expected} "));
        }

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(3));
    }

    [Test]
    public void An_idle_connection_is_closed_at_its_timeout_never_early_and_at_most_a_tick_late()
    {
        SimPeer peer = Idle();
        Net.RunFor(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        Assert.That(peer.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromMilliseconds(102));

        Assert.That(peer.IsFinished);
        Assert.That(Bed.BackendCloses(CloseReason.PoolIdleTimeout), Is.EqualTo(1));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.Zero);
    }

    [Test]
    public void The_idle_timeout_does_not_run_while_a_connection_is_used()
    {
        StartPooled(new PoolOptions { IdleTimeout = TimeSpan.FromSeconds(5) });
        Idle();
        SimPeer client = Ask(Msg.Get("/slow"));
        Net.RunFor(TimeSpan.FromSeconds(20));
        Send(Backend, Msg.Ok("slow"));

        Assert.That(client.Text, Does.EndWith("slow"));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    [Test]
    public void Past_the_maximum_of_idle_connections_the_oldest_goes()
    {
        StartPooled(new PoolOptions { MaxIdle = 2 });
        SimPeer[] peers = Open(3);
        foreach (SimPeer peer in peers)
        {
            Send(peer, Msg.Ok());
        }

        Assert.That((peers[0].IsFinished, peers[1].IsFinished, peers[2].IsFinished), Is.EqualTo((true, false, false)));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(2));
        Assert.That(Bed.BackendCloses(CloseReason.PoolFull), Is.EqualTo(1));
    }

    [Test]
    public void Past_its_maximum_age_a_connection_is_not_used_again()
    {
        StartPooled(new PoolOptions { MaxAge = TimeSpan.FromSeconds(10) });
        Idle();
        Net.RunFor(TimeSpan.FromSeconds(11));

        Ask(Msg.Get("/new"));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Backend.Text, Does.StartWith("GET /new "));
        Assert.That(Bed.BackendCloses(CloseReason.PoolMaxAge), Is.EqualTo(1));
    }

    // RFC 9112 section 9.5.
    [TestCase("fin", CloseReason.BackendClosedIdle)]
    [TestCase("rst", CloseReason.BackendReset)]
    [TestCase("bytes", CloseReason.BackendSentUnasked)]
    public void An_idle_connection_to_which_anything_happens_is_discarded_at_once(string what, CloseReason reason)
    {
        SimPeer peer = Idle();
        if (what == "rst")
        {
            peer.Reset();
        }
        else if (what == "fin")
        {
            peer.Close();
        }
        else
        {
            peer.Send("HTTP/1.1 408 Request Timeout\r\n\r\n");
        }

        Net.RunUntilIdle();
        Assert.That((Bed.Status.BackendConnectionsOpen, Bed.Status.BackendConnectionsIdle), Is.EqualTo((0, 0)));
        Assert.That(Bed.BackendCloses(reason), Is.EqualTo(1));

        SimPeer client = Ask(Msg.Get("/fresh"));
        Send(Backend, Msg.Ok("fresh"));
        Assert.That(client.Text, Does.EndWith("fresh"));
        Assert.That(client.Text, Does.Not.Contain("408 Request"));
    }

    [Test]
    public void A_backend_that_finishes_with_its_response_is_not_used_again()
    {
        SimPeer client = Ask(Msg.Get());
        Backend.Send(Msg.Ok("done"));
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(Bed.Status.BackendConnectionsOpen, Is.Zero);
    }

    [Test]
    public void Without_a_pool_every_request_says_close_and_has_a_connection_of_its_own()
    {
        StartPooled(new PoolOptions { Enabled = false });
        for (int i = 0; i < 3; i++)
        {
            SimPeer client = Ask(Msg.Get());
            Assert.That(Msg.Field(Backend.Text, "Connection"), Is.EqualTo("close"));
            Send(Backend, Msg.Ok("done"));
            Assert.That(client.Text, Does.EndWith("done"));
            Assert.That(client.IsFinished, Is.False);
            Backend.Close();
        }

        Net.RunUntilIdle();
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(3));
        Assert.That(Bed.BackendCloses(CloseReason.PoolOff), Is.EqualTo(3));
    }

    [Test]
    public void An_older_backend_is_used_again_only_when_it_says_keep_alive()
    {
        Bed.AnswerWith("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
        Ask(Msg.Get());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));

        Bed.Backend.Peers[0].OnReceived = p => p.Send("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
        Ask(Msg.Get());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.Zero);
    }

    [Test]
    public void Requests_are_shared_out_by_weight()
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with
                    {
                        Backends = [.. o.Groups[0].Backends.Select((b, i) => b with { Weight = Weights[i] })],
                    },
                ],
            },
            backends: 4);
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 90; i++)
        {
            Ask(Msg.Get());
        }

        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Is.EqualTo(Weights.Select(weight => weight * 10)));
    }

    [TestCase("a.example", "/", 0)]
    [TestCase("A.Example.:8080", "/any", 0)]
    [TestCase("a.example", "/api", 1)]
    [TestCase("a.example", "/api/x?y", 1)]
    [TestCase("a.example", "/apix", 0)]
    [TestCase("a.example", "/x/%2e./api/./y", 1)]
    [TestCase("b.example", "/api", 2)]
    public void A_request_goes_to_the_group_of_its_host_and_path(string host, string path, int backend)
    {
        Start(
            o => o with
            {
                Groups = [.. o.Groups[0].Backends.Select((b, i) => new BackendGroupOptions { Name = $"g{i}", Backends = [b] })],
                Routes =
                [
                    new RouteOptions { Host = "a.example", Group = "g0" },
                    new RouteOptions { Host = "a.example", Path = "/api", Group = "g1" },
                    new RouteOptions { Group = "g2" },
                ],
            },
            backends: 3);

        Ask($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.That(Bed.Backends.Select(b => b.Peers.Count), Is.EqualTo(Enumerable.Range(0, 3).Select(i => i == backend ? 1 : 0)));
        Assert.That(Bed.Newest(backend).Text, Does.StartWith($"GET {path} HTTP/1.1\r\nHost: {host}\r\n"));
    }

    /// <summary>So many connections, each with a request that waits for its answer.</summary>
    private SimPeer[] Open(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Ask(Msg.Get());
        }

        SimPeer[] peers = [.. Bed.Backend.Peers];
        foreach (SimPeer peer in peers)
        {
            peer.Clear();
        }

        return peers;
    }

    /// <summary>A connection that has served a request and is idle.</summary>
    private SimPeer Idle()
    {
        Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
        Backend.Clear();
        return Backend;
    }
}
