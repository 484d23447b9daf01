using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Clients that went without a word, whatever their connection was doing (HTTP.md section 9).</summary>
[TestFixture]
internal sealed class SilentClientTests : EngineFixture
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstProbe = TimeSpan.FromHours(2);

    /// <summary>What a connection is doing when its client goes.</summary>
    internal enum Doing
    {
        Accepted,
        ReadingHead,
        Uploading,
        WaitingForResponse,
        TakingNoResponse,
        Idle,
        Tunnelling,
    }

    [Test]
    public void A_client_whose_host_does_not_answer_has_vanished([Values] Doing doing)
    {
        AssertClosed(doing, client => client.Vanish(ErrorNumber.TimedOut), CloseReason.Vanished);
    }

    [Test]
    public void A_client_that_a_router_reports_is_unreachable(
        [Values] Doing doing, [Values(ErrorNumber.HostUnreachable, ErrorNumber.NetworkUnreachable)] int errno)
    {
        AssertClosed(doing, client => client.Vanish(errno), CloseReason.Unreachable);
    }

    // There are no probes while bytes are not acknowledged: what does not take its response is not among them.
    [TestCase(Doing.Accepted)]
    [TestCase(Doing.ReadingHead)]
    [TestCase(Doing.Uploading)]
    [TestCase(Doing.WaitingForResponse)]
    [TestCase(Doing.Idle)]
    [TestCase(Doing.Tunnelling)]
    public void A_client_whose_host_resets_when_it_is_probed_was_restarted(Doing doing)
    {
        AssertClosed(doing, client => ResetAfter(FirstProbe, client), CloseReason.Restarted);
    }

    [Test]
    public void The_kernel_may_know_that_a_reset_answered_a_probe_or_did_not([Values] bool isProbed)
    {
        AssertClosed(
            Doing.Idle,
            client =>
            {
                client.Show(new PeerSigns { IsKnown = true, Probes = isProbed ? 3 : 0 });
                ResetAfter(FirstProbe, client);
            },
            isProbed ? CloseReason.Restarted : CloseReason.Reset);
    }

    // A change reaches new sockets only; the kernel goes on as it was told.
    [TestCase(1, 120, 1, CloseReason.Restarted)]
    [TestCase(120, 1, 0, CloseReason.Reset)]
    public void After_a_change_of_keepalive_an_older_connection_is_judged_by_its_own_probes(
        int minutesBefore, int minutesAfter, int probes, CloseReason expected)
    {
        StartPatient();
        Bed.Apply(o => WithTime(o, minutesBefore));
        SimPeer client = Become(Doing.Idle);
        Bed.Apply(o => WithTime(o, minutesAfter));
        client.Show(new PeerSigns { IsKnown = true, Probes = probes });
        ResetAfter(TimeSpan.FromMinutes(1), client);

        Assert.That(Bed.ClientCloses(expected), Is.EqualTo(1));
    }

    [Test]
    public void A_reset_at_any_other_time_is_one([Values] Doing doing)
    {
        AssertClosed(doing, client => ResetAfter(FirstProbe + TimeSpan.FromSeconds(10), client), CloseReason.Reset);
    }

    [Test]
    public void A_byte_in_either_direction_puts_the_first_probe_off([Values] bool fromClient)
    {
        StartPatient();
        SimPeer client = Become(Doing.Tunnelling);
        Net.RunFor(FirstProbe / 2);
        Send(fromClient ? client : Backend, "x");
        ResetAfter(FirstProbe / 2, client);

        Assert.That(Bed.ClientCloses(CloseReason.Reset), Is.EqualTo(1));
    }

    [Test]
    public void An_unread_body_does_not_hide_what_became_of_its_client()
    {
        StartPatient();
        SimPeer client = Become(Doing.Uploading);
        Send(Backend, Msg.Ok("enough"));
        client.Vanish();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.Vanished), Is.EqualTo(1));
    }

    private void AssertClosed(Doing doing, Action<SimPeer> end, CloseReason expected)
    {
        StartPatient();
        SimPeer client = Become(doing);
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));

        end(client);
        Net.RunUntilIdle();

        Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
        Assert.That(Bed.ClientCloses(expected), Is.EqualTo(1), string.Join(", ", Bed.Status.ClientCloses.Where(c => c.Count > 0)));
    }

    private static LoadBalancerOptions WithTime(LoadBalancerOptions options, int minutes) => options with
    {
        Listeners =
        [
            options.Listeners[0] with
            {
                TcpKeepAlive = new TcpKeepAliveOptions { Time = TimeSpan.FromMinutes(minutes) },
            },
        ],
    };

    // No timeout of ours is the first to act.
    private void StartPatient() => Start(o => o with
    {
        Listeners =
        [
            o.Listeners[0] with
            {
                KeepAlive = new KeepAliveOptions { IdleTimeout = Day },
                SlowClients = new SlowClientOptions { MinimumRateBytes = 0 },
            },
        ],
        Timeouts = new Timeouts
        {
            RequestHead = Day,
            RequestBodyGap = Day,
            ResponseSendGap = Day,
            BackendResponse = TimeSpan.FromHours(24),
            TunnelIdle = Day,
        },
    });

    private SimPeer Become(Doing doing)
    {
        SimPeer client = Bed.Connect();
        if (doing == Doing.TakingNoResponse)
        {
            client.PauseReading();
        }

        Send(client, doing switch
        {
            Doing.Accepted => "",
            Doing.ReadingHead => "GET / HTTP/1.1\r\n",
            Doing.Uploading => "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome",
            Doing.Tunnelling => Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n"),
            _ => Msg.Get(),
        });
        string response = doing switch
        {
            Doing.TakingNoResponse => Msg.Ok(Msg.Text(1_000_000)),
            Doing.Idle => Msg.Ok(),
            Doing.Tunnelling =>
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            _ => "",
        };
        if (response.Length > 0)
        {
            Send(Backend, response);
        }

        return client;
    }

    private void ResetAfter(TimeSpan silence, SimPeer client)
    {
        Net.RunFor(silence);
        client.Reset();
        Net.RunUntilIdle();
    }
}
