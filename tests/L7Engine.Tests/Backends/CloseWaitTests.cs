using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

/// <summary>A backend that was told to close is given time to do so first.</summary>
[TestFixture]
internal sealed class CloseWaitTests : EngineFixture
{
    [Test]
    public void It_is_waited_for_never_less_than_the_setting_and_at_most_a_tick_more()
    {
        SimPeer backend = Leaving();
        Net.RunFor(TimeSpan.FromMilliseconds(999));
        Assert.That((backend.IsFinished, Bed.Status.BackendConnectionsOpen), Is.EqualTo((false, 1)));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.Zero, "nobody can have it");
        Net.RunFor(TimeSpan.FromMilliseconds(103));

        Assert.That(backend.IsFinished);
        Assert.That(Bed.OnlyClose(ConnectionSide.Backend).ClosedFirst, Is.EqualTo(CloseParty.Engine));
    }

    [Test]
    public void Its_end_is_ours_at_once([Values("fin", "rst", "bytes")] string what)
    {
        SimPeer backend = Leaving();
        Net.RunFor(TimeSpan.FromMilliseconds(50));
        Action act = what switch
        {
            "fin" => backend.Close,
            "rst" => backend.Reset,
            _ => () => backend.Send("more"),
        };
        act();
        Net.RunUntilIdle();

        CloseRecord close = Bed.OnlyClose(ConnectionSide.Backend);
        Assert.That(close.Reason, Is.EqualTo(CloseReason.PoolOff));
        Assert.That(close.ClosedFirst, Is.EqualTo(what == "bytes" ? CloseParty.Engine : CloseParty.Peer));
        Assert.That(close.RequestCount, Is.EqualTo(1));
    }

    [Test]
    public void One_that_closes_with_its_response_is_not_waited_for()
    {
        Start(o => WithoutPool(o));
        SimPeer client = Ask(Msg.Get());
        Backend.Send(Msg.Ok("done", "Connection: close\r\n"));
        Backend.Close();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(Bed.OnlyClose(ConnectionSide.Backend).ClosedFirst, Is.EqualTo(CloseParty.Peer));
        Assert.That(Bed.BackendCloses(CloseReason.PoolOff), Is.EqualTo(1));
    }

    [Test]
    public void Without_time_it_is_closed_at_once()
    {
        Start(o => WithoutPool(o) with { Timeouts = new Timeouts { BackendCloseWait = TimeSpan.Zero } });

        Assert.That(LeavingOf().IsFinished);
    }

    [Test]
    public void No_request_is_sent_on_it()
    {
        SimPeer backend = Leaving();
        backend.Clear();

        Ask(Msg.Get("/next"));

        Assert.That(backend.Text, Is.Empty);
        Assert.That(Backend.Text, Does.StartWith("GET /next "));
    }

    [Test]
    public void No_more_wait_than_may_be_idle()
    {
        Start(o => WithoutPool(o, maxIdle: 2));
        SimPeer[] peers = [LeavingOf(), LeavingOf(), LeavingOf()];

        Assert.That(peers.Select(p => p.IsFinished), Is.EqualTo([true, false, false]));
    }

    [Test]
    public void A_drain_or_an_end_does_not_wait_for_it([Values] bool drains)
    {
        Start(o => WithoutPool(o) with { Timeouts = new Timeouts { BackendCloseWait = TimeSpan.FromMinutes(1) } });
        SimPeer backend = LeavingOf();
        if (drains)
        {
            Assert.That(Net.Wait(Bed.DrainAsync()).ClosedInTime, Is.EqualTo(1));
            Net.RunUntilIdle();
        }
        else
        {
            Bed.Stop();
        }

        Assert.That(backend.IsFinished);
        Assert.That(Bed.BackendCloses(CloseReason.PoolOff), Is.EqualTo(1));
    }

    private static LoadBalancerOptions WithoutPool(LoadBalancerOptions options, int maxIdle = 1024) => options with
    {
        Groups = [options.Groups[0] with { Pool = new PoolOptions { Enabled = false, MaxIdle = maxIdle } }],
    };

    private SimPeer Leaving()
    {
        Start(o => WithoutPool(o));
        return LeavingOf();
    }

    /// <summary>A connection whose backend was told to close, has answered, and has not closed.</summary>
    private SimPeer LeavingOf()
    {
        Ask(Msg.Get());
        SimPeer backend = Backend;
        Send(backend, Msg.Ok(fields: "Connection: close\r\n"));
        return backend;
    }
}
