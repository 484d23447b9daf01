using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>What the engine counts of the gaps of its clients, as its status shows it.</summary>
[TestFixture]
internal sealed class WhatIfTests : EngineFixture
{
    private const int Enough = 25;

    [Test]
    public void Before_the_first_request_everything_is_possible()
    {
        WhatIfPoint point = At(300);

        Assert.That((point.ShareLow, point.ShareHigh, point.OpenLow, point.OpenHigh), Is.EqualTo((0, 1, 0, 0)));
    }

    [Test]
    public void A_gap_lasts_from_a_response_to_the_first_byte_of_the_next_request()
    {
        SimPeer[] clients = Ask();
        Net.RunFor(TimeSpan.FromSeconds(10));
        SendAll(clients, "GET / HT");
        Net.RunFor(TimeSpan.FromSeconds(10));
        SendAll(clients, "TP/1.1\r\nHost: x\r\n\r\n");

        Assert.That((At(5).ShareLow, At(15).ShareLow), Is.EqualTo((0, 1)));
        Assert.That((Curve.Gaps, Curve.Listener, Curve.IdleTimeout), Is.EqualTo((Enough, "default", TimeSpan.FromSeconds(75))));
    }

    [Test]
    public void A_pipelined_request_is_one_whose_connection_is_open_at_any_timeout()
    {
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < Enough; i++)
        {
            Ask(Msg.Get() + Msg.Get(fields: "Connection: close\r\n"));
        }

        Assert.That((At(1).ShareLow, At(1).ShareHigh), Is.EqualTo((0.5, 0.5)), "the first of each is on a new one");
    }

    [Test]
    public void A_client_that_closes_will_never_ask([Values] bool resets)
    {
        SimPeer[] clients = Ask();
        Net.RunFor(TimeSpan.FromSeconds(10));
        foreach (SimPeer client in clients)
        {
            if (resets)
            {
                client.Reset();
            }
            else
            {
                client.Close();
            }
        }

        Net.RunUntilIdle();

        Assert.That((At(300).ShareLow, At(300).ShareHigh, At(300).Gaps), Is.EqualTo((0, 0, Enough)));
    }

    [Test]
    public void What_the_timeout_ended_is_known_up_to_it_and_a_range_beyond()
    {
        Ask();
        Net.RunFor(TimeSpan.FromSeconds(76));

        Assert.That((At(75).ShareLow, At(75).ShareHigh, At(75).Gaps), Is.EqualTo((0, 0, Enough)));
        Assert.That((At(120).ShareLow, At(120).ShareHigh, At(120).Gaps), Is.EqualTo((0, 1, 0)));
    }

    [Test]
    public void What_a_drain_ended_is_known_up_to_it_and_a_range_beyond()
    {
        Ask();
        Net.RunFor(TimeSpan.FromSeconds(20));
        Net.Wait(Bed.DrainAsync());

        Assert.That((At(15).ShareLow, At(15).ShareHigh), Is.EqualTo((0, 0)));
        Assert.That((At(30).ShareLow, At(30).ShareHigh), Is.EqualTo((0, 1)));
    }

    [Test]
    public void With_persistence_off_nothing_is_known()
    {
        StartListener(l => l with { KeepAlive = new KeepAliveOptions { Enabled = false } });
        Ask();

        Assert.That((At(1).ShareLow, At(1).ShareHigh), Is.EqualTo((0, 1)));
        Assert.That(Curve.IdleTimeout, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Connections_that_are_open_without_a_gap_are_counted_at_every_timeout()
    {
        SimPeer silent = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(20));

        Assert.That(silent.IsFinished, Is.False);
        Assert.That((At(1).OpenLow, At(300).OpenHigh), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Some_connections_explore_what_a_longer_timeout_would_bring()
    {
        StartListener(l => l with { KeepAlive = new KeepAliveOptions { ExploreShare = 0.5 } });
        SimPeer[] clients = Ask(count: 200);
        Net.RunFor(TimeSpan.FromSeconds(100));
        SimPeer[] open = [.. clients.Where(c => !c.IsFinished)];
        SendAll(open, Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(299));
        int openLate = open.Count(c => !c.IsFinished);
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(open, Has.Length.InRange(60, 140));
        Assert.That(openLate, Is.EqualTo(open.Length), "a connection explores for as long as it lives");
        Assert.That(open.Count(c => !c.IsFinished), Is.Zero);
        Assert.That((At(75).ShareLow, At(75).ShareHigh), Is.EqualTo((0, 0)));
        Assert.That((At(120).ShareLow, At(120).ShareHigh), Is.EqualTo((At(300).ShareLow, At(300).ShareHigh)));
        Assert.That(At(300).ShareLow, Is.EqualTo(0.5).Within(0.01), "of the gaps that were watched a half ended so");
    }

    [Test]
    public void Each_listener_has_its_own_curve_over_all_loops()
    {
        Start(o => o with { Listeners = [o.Listeners[0], o.Listeners[0] with { Name = "other" }] }, loops: 3);
        Ask();

        Assert.That(Bed.Status.WhatIf.Select(c => c.Listener), Is.EqualTo(["default", "other"]));
        SendAll([.. Enumerable.Range(0, 3).Select(_ => Net.Connect(Bed.Engine.LocalEndPoints[1]))], "GET");
        Net.RunFor(TimeSpan.FromSeconds(75.2));
        Assert.That(Bed.Status.WhatIf.Select(c => c.Gaps), Is.EqualTo([Enough, 0]));
        Assert.That(Bed.Status.WhatIf[1].Points[0].ShareHigh, Is.Zero, "none of its responses kept a connection");
    }

    private WhatIfCurve Curve => Bed.Status.WhatIf[0];

    private WhatIfPoint At(int seconds) => Curve.Points.Single(p => p.IdleTimeout.TotalSeconds == seconds);

    // Each has had one response, and has a gap before it.
    private SimPeer[] Ask(int count = Enough)
    {
        Bed.AnswerWith(Msg.Ok());
        return [.. Enumerable.Range(0, count).Select(_ => Ask(Msg.Get()))];
    }

    private void SendAll(SimPeer[] clients, string text)
    {
        foreach (SimPeer client in clients)
        {
            client.Send(text);
        }

        Net.RunUntilIdle();
    }
}
