using System.Net;
using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>What is to be seen of open connections.</summary>
[TestFixture]
internal sealed class ConnectionStatusTests : EngineFixture
{
    private const string Upload = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";

    private static readonly string Upgrade = Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n");

    private ConnectionStatus Client => Only(ConnectionSide.Client);

    private ConnectionStatus Leased => Only(ConnectionSide.Backend);

    [Test]
    public void An_idle_connection_says_what_it_was_and_when_it_ends()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Bed.Connect(IPAddress.Parse("127.0.0.7"));
        Send(client, Msg.Get());
        Send(client, Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(5));

        ConnectionStatus seen = Client;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((seen.Place, seen.Peer.Address), Is.EqualTo(("default", IPAddress.Parse("127.0.0.7"))));
            Assert.That((seen.RequestCount, seen.BytesReceived), Is.EqualTo((2, 2 * Msg.Get().Length)));
            Assert.That(seen.BytesSent, Is.EqualTo(client.Received.Length));
            Assert.That((seen.Age, seen.IdleTime), Is.EqualTo((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5))));
        }

        Expect(seen, ConnectionState.Idle, "keepAlive.idleTimeout=75s", 70);
        Expect(Leased, ConnectionState.Idle, "pool.idleTimeout=60s", 55);
        Assert.That(Leased.RequestCount, Is.EqualTo(2));
    }

    [Test]
    public void A_bug_fails_the_question_that_met_it_and_the_loop_goes_on()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        MemoryConnection broken = Net.Loops[0].Connections.First();
        broken.HasBug = true;
        Assert.That(() => Bed.Connections(), Throws.InvalidOperationException);
        broken.HasBug = false;

        Assert.That(Bed.Connections(), Has.Count.EqualTo(2));
        Send(client, Msg.Get());
    }

    [Test]
    public void Its_name_is_that_of_its_close()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        string name = Client.Connection;
        client.Close();
        Net.RunUntilIdle();

        Assert.That(Bed.OnlyClose(ConnectionSide.Client).Connection, Is.EqualTo(name));
        Assert.That(Bed.Connections().Select(c => c.Side), Is.EqualTo([ConnectionSide.Backend]));
    }

    [Test]
    public void A_connection_without_a_whole_head_is_waited_for([Values("", "GET / HT")] string sent)
    {
        Ask(sent);
        Net.RunFor(TimeSpan.FromSeconds(10));

        Expect(Client, sent == "" ? ConnectionState.Accepted : ConnectionState.ReadingHead, "timeouts.requestHead=30s", 20);
    }

    [Test]
    public void A_listener_or_a_route_with_a_time_of_its_own_is_the_one_that_is_named()
    {
        StartListener(l => l with { SlowClients = new SlowClientOptions { RequestHead = TimeSpan.FromSeconds(7) } });
        Ask("");
        Expect(Client, ConnectionState.Accepted, "slowClients.requestHead=7s", 7);
        Bed.Stop();

        var own = new RouteKeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(9) };
        Start(o => o with { Routes = [new RouteOptions(), new RouteOptions { Path = "/own", KeepAlive = own }] });
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get("/own"));
        Expect(Client, ConnectionState.Idle, "keepAlive.idleTimeout=9s", 9);
    }

    [Test]
    public void While_it_is_connected_to_a_backend_that_is_what_is_waited_for()
    {
        Net.SetOutcome(Bed.Backend.Address, ConnectOutcome.Unanswered);
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(1));

        Expect(Client, ConnectionState.Exchanging, "timeouts.backendConnect=4s", 3);
        Assert.That(Bed.Connections(), Has.Count.EqualTo(1), "nothing is open to the backend");
    }

    [Test]
    public void A_response_is_waited_for_on_both_sides()
    {
        Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(10));
        Expect(Client, ConnectionState.Exchanging, "timeouts.backendResponse=60s", 50);
        Expect(Leased, ConnectionState.Exchanging, "timeouts.backendResponse=60s", 50);
        Assert.That(Leased.RequestCount, Is.EqualTo(1));

        Send(Backend, Msg.Ok("whole")[..^1]);
        Net.RunFor(TimeSpan.FromSeconds(20));
        Expect(Client, ConnectionState.Exchanging, "timeouts.backendBodyGap=60s", 40);
    }

    [TestCase(0, "timeouts.requestBodyGap=60s", 60)]
    [TestCase(240, "slowClients.minimumRate=240B", 5)]
    public void A_body_is_waited_for_by_its_gap_or_its_rate(int rate, string setting, int seconds)
    {
        StartListener(l => l with { SlowClients = new SlowClientOptions { MinimumRateBytes = rate } });
        Ask(Upload);

        Expect(Client, ConnectionState.Exchanging, setting, seconds);
    }

    [TestCase(0, "timeouts.responseSendGap=60s", 60)]
    [TestCase(1_000_000, "slowClients.minimumRate=1000000B", 5)]
    public void A_reader_is_waited_for_by_its_gap_or_its_rate(int rate, string setting, int seconds)
    {
        StartListener(l => l with { SlowClients = new SlowClientOptions { MinimumRateBytes = rate } });
        SimPeer client = Ask(Msg.Get());
        client.PauseReading();
        Send(Backend, Msg.Ok(Msg.Text(200_000)));

        Expect(Client, ConnectionState.Exchanging, setting, seconds);
    }

    [Test]
    public void A_backend_that_takes_nothing_is_waited_for()
    {
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        Ask(Msg.Post(Msg.Text(200_000)));

        Expect(Client, ConnectionState.Exchanging, "timeouts.backendSendGap=60s", 60);
    }

    [Test]
    public void The_rest_of_a_body_that_nobody_wants_is_waited_for()
    {
        Ask(Upload.Replace("100000", "9", StringComparison.Ordinal));
        Send(Backend, Msg.Ok());

        Expect(Client, ConnectionState.Exchanging, "timeouts.earlyAnswerDrain=2s", 2);
    }

    [Test]
    public void A_tunnel_has_one_deadline_for_both_sides()
    {
        SimPeer client = Ask(Upgrade);
        Send(Backend, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        Net.RunFor(TimeSpan.FromMinutes(10));
        Send(client, "x");
        Net.RunFor(TimeSpan.FromMinutes(10));

        Expect(Client, ConnectionState.Tunnelling, "timeouts.tunnelIdle=3600s", 3000);
        Expect(Leased, ConnectionState.Tunnelling, "timeouts.tunnelIdle=3600s", 3000);
    }

    [Test]
    public void What_has_ended_and_is_given_time_says_so()
    {
        StartPooled(new PoolOptions { Enabled = false });
        Bed.AnswerWith(Msg.Ok());
        Ask("nonsense\r\n\r\n");
        Expect(Client, ConnectionState.Lingering, "timeouts.linger=2s", 2);
        Net.RunFor(TimeSpan.FromSeconds(3));

        Ask(Msg.Get());
        Expect(Leased, ConnectionState.Lingering, "timeouts.backendCloseWait=1s", 1);
    }

    [Test]
    public void What_TCP_knows_of_the_peer_is_asked_for_then()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        client.Show(new PeerSigns { IsKnown = true, Probes = 3 });

        Assert.That((Client.PeerStatus, Client.PeerProbes), Is.EqualTo((PeerStatus.Probing, 3)));
    }

    [Test]
    public void More_than_a_turn_can_look_at_are_all_seen_once([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 3_500; i++)
        {
            Bed.Connect();
        }

        Net.RunUntilIdle();
        IReadOnlyList<ConnectionStatus> seen = Bed.Connections();

        Assert.That(seen, Has.Count.EqualTo(3_500));
        Assert.That(seen.Select(c => c.Connection), Is.Unique);
    }

    [Test]
    public void There_are_none_after_the_end()
    {
        Ask(Msg.Get());
        Bed.Stop();

        Assert.That(Bed.Connections(), Is.Empty);
    }

    private static void Expect(ConnectionStatus seen, ConnectionState state, string setting, double secondsLeft)
    {
        Assert.That(seen.State, Is.EqualTo(state));
        Assert.That(seen.Deadline?.ToString(), Is.EqualTo(setting));
        Assert.That(seen.TimeLeft!.Value.TotalSeconds, Is.InRange(secondsLeft, secondsLeft + 0.2));
    }

    private ConnectionStatus Only(ConnectionSide side) => Bed.Connections().Single(c => c.Side == side);
}
