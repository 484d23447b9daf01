using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

/// <summary>Backends that went without a word, whatever their connection was doing (HTTP.md section 9).</summary>
[TestFixture]
internal sealed class SilentBackendTests : EngineFixture
{
    private static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(10);

    [TestCase(ErrorNumber.TimedOut, CloseReason.Vanished)]
    [TestCase(ErrorNumber.HostUnreachable, CloseReason.Unreachable)]
    [TestCase(ErrorNumber.NetworkUnreachable, CloseReason.Unreachable)]
    public void An_idle_connection_tells_what_became_of_its_host(int errno, CloseReason expected)
    {
        StartProbing();
        Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        Backend.Vanish(errno);
        Net.RunUntilIdle();

        Assert.That(Bed.BackendCloses(expected), Is.EqualTo(1));
    }

    [TestCase(10_000, CloseReason.Restarted)]
    [TestCase(12_500, CloseReason.Restarted)]
    [TestCase(9_000, CloseReason.BackendReset)]
    [TestCase(11_500, CloseReason.BackendReset)]
    public void A_reset_of_an_idle_connection_may_have_answered_a_probe(int idleMilliseconds, CloseReason expected)
    {
        StartProbing();
        Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        Net.RunFor(TimeSpan.FromMilliseconds(idleMilliseconds));
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(Bed.BackendCloses(expected), Is.EqualTo(1));
    }

    [TestCase(ErrorNumber.TimedOut, CloseReason.Vanished)]
    [TestCase(ErrorNumber.HostUnreachable, CloseReason.Unreachable)]
    public void A_request_that_waits_for_a_host_that_is_gone_is_answered_502(int errno, CloseReason expected)
    {
        StartProbing();
        SimPeer client = Ask(Msg.Post("x"));
        Backend.Vanish(errno);
        Net.RunUntilIdle();

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.BackendCloses(expected), Is.EqualTo(1));
    }

    [Test]
    public void A_reused_connection_whose_host_is_gone_is_no_stale_one()
    {
        StartProbing();
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        SimPeer first = Backend;
        Send(client, Msg.Get());
        first.Vanish();
        Net.RunUntilIdle();
        Send(Backend, Msg.Ok("again"));

        Assert.That(client.Text, Does.EndWith("again"));
        Assert.That(Bed.BackendCloses(CloseReason.Vanished), Is.EqualTo(1));
        Assert.That(Bed.BackendCloses(CloseReason.BackendStale), Is.Zero);
    }

    [Test]
    public void A_tunnel_tells_of_the_side_that_went()
    {
        StartProbing();
        SimPeer client = Ask(Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
        Send(Backend, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        Backend.Vanish();
        Net.RunUntilIdle();

        Assert.That(client.IsReset, "an end in order would be a lie");
        Assert.That(Bed.BackendCloses(CloseReason.Vanished), Is.EqualTo(1));
        Assert.That(Bed.ClientCloses(CloseReason.TunnelClosed), Is.EqualTo(1));
    }

    private void StartProbing() => StartPooled(new PoolOptions
    {
        TcpKeepAlive = new TcpKeepAliveOptions
        {
            Time = FirstProbe,
            Interval = TimeSpan.FromSeconds(2),
            Probes = 3,
        },
    });
}
