using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Upgrade and what follows it (RFC 9110 section 7.8).</summary>
[TestFixture]
internal sealed class TunnelTests : EngineFixture
{
    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

    private static readonly string Upgrade =
        Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n");

    [Test]
    public void After_101_bytes_pass_both_ways_as_they_are()
    {
        SimPeer client = OpenTunnel();
        Assert.That(Bed.Status.Tunnels, Is.EqualTo(1));

        Send(client, "\0up\r\n\r\n");
        Send(Backend, "HTTP/1.1 down");

        Assert.That(Backend.Text, Is.EqualTo("\0up\r\n\r\n"));
        Assert.That(client.Text, Is.EqualTo("HTTP/1.1 down"));
    }

    [Test]
    public void The_upgrade_is_forwarded_and_so_is_the_101()
    {
        SimPeer client = Ask(Upgrade);
        Assert.That(Msg.Field(Backend.Text, "Upgrade"), Is.EqualTo("websocket"));
        Assert.That(Msg.Field(Backend.Text, "Connection"), Is.EqualTo("upgrade"));
        Assert.That(Msg.Field(Backend.Text, "Sec-WebSocket-Key"), Is.EqualTo("a"));

        Send(Backend, Switched);
        Assert.That(client.Text, Does.StartWith("HTTP/1.1 101 Switching Protocols\r\n"));
        Assert.That(Msg.Field(client.Text, "Upgrade"), Is.EqualTo("websocket"));
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("upgrade"));
    }

    [Test]
    public void Bytes_right_behind_the_101_are_not_lost()
    {
        SimPeer client = Ask(Upgrade);
        Send(Backend, Switched + "first");

        Assert.That(Msg.BodyOf(client.Text), Is.EqualTo("first"));
    }

    [Test]
    public void Bytes_right_behind_the_request_wait_for_the_101()
    {
        SimPeer client = Ask(Upgrade + "first");
        Assert.That(Msg.BodyOf(Backend.Text), Is.Empty);

        Backend.Clear();
        Send(Backend, Switched);
        Assert.That(Backend.Text, Is.EqualTo("first"));
        Send(client, "second");
        Assert.That(Backend.Text, Is.EqualTo("firstsecond"));
    }

    // CVE-2026-2833: until the 101 all bytes are HTTP.
    [Test]
    public void Bytes_behind_a_request_that_is_not_switched_are_the_next_request()
    {
        SimPeer client = Ask(Upgrade + Msg.Get("/next"));
        Backend.Clear();
        Send(Backend, Msg.Ok("no"));

        Assert.That(client.Text, Does.EndWith("no"));
        Assert.That(Backend.Text, Does.StartWith("GET /next "));
    }

    [Test]
    public void Large_amounts_pass_both_ways_at_once()
    {
        Bed.Network.Link = new LinkSettings { SendBufferBytes = 3000, ReceiveBufferBytes = 3000 };
        SimPeer client = OpenTunnel();
        client.Send(Msg.Text(300_000, seed: 1));
        Backend.Send(Msg.Text(200_000, seed: 2));
        Net.RunUntilIdle();

        Assert.That(Backend.Text, Is.EqualTo(Msg.Text(300_000, seed: 1)));
        Assert.That(client.Text, Is.EqualTo(Msg.Text(200_000, seed: 2)));
    }

    [Test]
    public void Either_side_may_finish_first([Values] bool clientFirst)
    {
        SimPeer client = OpenTunnel();
        (SimPeer first, SimPeer second) = clientFirst ? (client, Backend) : (Backend, client);
        first.Send("bye");
        first.HalfClose();
        Net.RunUntilIdle();
        Assert.That((second.Text, second.IsFinished, first.IsFinished), Is.EqualTo(("bye", true, false)));

        second.Send("still here");
        Net.RunUntilIdle();
        Assert.That(first.Text, Is.EqualTo("still here"));

        second.HalfClose();
        Net.RunUntilIdle();
        Assert.That((first.IsFinished, first.IsReset, second.IsReset), Is.EqualTo((true, false, false)));
        Assert.That(Bed.Status.Tunnels, Is.Zero);
        Assert.That(Bed.ClientCloses(CloseReason.TunnelClosed), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.TunnelClosed), Is.EqualTo(1));
    }

    [Test]
    public void A_tunnel_in_which_nothing_moves_ends_after_its_idle_timeout()
    {
        StartTimed(new Timeouts { TunnelIdle = TimeSpan.FromMinutes(10) });
        SimPeer client = OpenTunnel();
        Net.RunFor(TimeSpan.FromMinutes(9));
        Send(client, "x");
        Net.RunFor(TimeSpan.FromMinutes(9));
        Send(Backend, "y");
        Net.RunFor(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(0.1));
        Assert.That(Bed.Status.Tunnels, Is.EqualTo(1));
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(Bed.Status.Tunnels, Is.Zero);
        Assert.That(Bed.ClientCloses(CloseReason.TunnelIdle), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.TunnelIdle), Is.EqualTo(1));
        Assert.That((client.IsFinished, Backend.IsFinished), Is.EqualTo((true, true)));
    }

    [Test]
    public void A_peer_that_is_slow_to_take_bytes_does_not_end_a_tunnel()
    {
        SimPeer client = OpenTunnel();
        client.PauseReading();
        Send(Backend, Msg.Text(100_000));
        Net.RunFor(TimeSpan.FromMinutes(5));
        client.ResumeReading();
        Net.RunUntilIdle();

        Assert.That(client.Text, Is.EqualTo(Msg.Text(100_000)));
    }

    [Test]
    public void A_reset_of_the_client_ends_the_tunnel()
    {
        SimPeer client = OpenTunnel();
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Backend.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.TunnelClosed), Is.EqualTo(1));
    }

    [Test]
    public void A_reset_of_the_backend_reaches_the_client_as_a_reset()
    {
        SimPeer client = OpenTunnel();
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(client.IsReset);
        Assert.That(Bed.ClientCloses(CloseReason.TunnelClosed), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
    }

    [Test]
    public void A_client_that_resets_while_its_bytes_wait_for_the_backend_ends_the_tunnel()
    {
        SimPeer client = OpenTunnel();
        Backend.PauseReading();
        Send(client, Msg.Text(200_000));
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.Status.Tunnels, Is.Zero);
        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
    }

    [Test]
    public void Past_the_limit_of_tunnels_the_answer_is_503_and_the_connection_stays()
    {
        StartLimited(new Limits { MaxTunnels = 1 });
        OpenTunnel();

        SimPeer second = Ask(Upgrade);
        Send(Backend, Switched);

        Assert.That(Msg.StatusOf(second.Text), Is.EqualTo(503));
        Assert.That(Msg.Field(second.Text, "Retry-After"), Is.EqualTo("1"));
        Assert.That(second.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.TunnelLimit), Is.EqualTo(1));
        Assert.That(Bed.Status.Tunnels, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void The_limit_of_tunnels_holds_for_all_loops_together(int loops)
    {
        Start(o => o with { Limits = new Limits { MaxTunnels = 2 } }, loops: loops);
        Bed.AnswerWith(Switched);

        SimPeer[] clients = [.. Enumerable.Range(0, 6).Select(_ => Ask(Upgrade))];
        clients[0].Reset();
        Net.RunUntilIdle();
        SimPeer next = Ask(Upgrade);

        Assert.That(
            string.Join(' ', clients.Append(next).Select(c => Msg.StatusOf(c.Text))),
            Is.EqualTo("101 101 503 503 503 503 101"));
        Assert.That(Bed.Status.Tunnels, Is.EqualTo(2));
    }

    [TestCase(5, 5)]
    [TestCase(0, 4)]
    public void The_record_of_a_tunnel_too_many_names_what_was_configured(int tunnels, int named)
    {
        Start(o => o with { Limits = new Limits { MaxTunnels = tunnels, MaxClientConnections = 8 } }, loops: 3);
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p => p.Send(Switched);
        for (int i = 0; i < 7; i++)
        {
            Ask(Upgrade);
        }

        CloseRecord[] refused = [.. Bed.Closed().Where(c => c.Reason == CloseReason.TunnelLimit)];
        Assert.That(refused, Is.Not.Empty);
        Assert.That(refused.Select(c => $"{c.Setting}"), Is.All.EqualTo($"limits.maxTunnels={named}"));
    }

    [TestCase("GET / HTTP/1.1\r\nHost: x\r\n\r\n", TestName = "a 101 that nobody asked for")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "other",
        TestName = "a 101 to another protocol")]
    public void A_101_that_does_not_match_is_answered_502(string request, string protocol = "websocket")
    {
        SimPeer client = Ask(request);
        Send(Backend, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {protocol}\r\nConnection: Upgrade\r\n\r\n");

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(Bed.BackendCloses(CloseReason.BackendProtocolError), Is.EqualTo(1));
    }

    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: a\r\n\r\n")]
    [TestCase("POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")]
    [TestCase("GET / HTTP/1.0\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, keep-alive\r\n\r\n")]
    public void Any_other_upgrade_is_served_as_plain_http(string request)
    {
        SimPeer client = Ask(request);
        Assert.That(Msg.Field(Backend.Text, "Upgrade"), Is.Null);
        Assert.That(Msg.Field(Backend.Text, "HTTP2-Settings"), Is.Null);
        Send(Backend, Msg.Ok("plain"));

        Assert.That(client.Text, Does.EndWith("plain"));
        Assert.That(client.IsFinished, Is.False);
    }

    [Test]
    public void A_tunnel_that_is_open_when_the_drain_ends_is_cut_and_says_why()
    {
        SimPeer client = OpenTunnel();
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(6));

        Assert.That(Bed.Status.Tunnels, Is.Zero);
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
        Assert.That(drain.IsCompletedSuccessfully);
        Assert.That(drain.GetAwaiter().GetResult(), Is.EqualTo(new DrainResult(0, 1, 1)));
        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.DrainDeadline), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.DrainDeadline), Is.EqualTo(1));
    }

    private SimPeer OpenTunnel()
    {
        SimPeer client = Ask(Upgrade);
        Send(Backend, Switched);
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(101));
        client.Clear();
        Backend.Clear();
        return client;
    }
}
