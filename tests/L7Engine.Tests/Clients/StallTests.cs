using System.Diagnostics.Metrics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>A loop that cannot run for seconds, because something blocks its thread or the machine stands still.</summary>
[TestFixture]
internal sealed class StallTests : EngineFixture
{
    private const int Clients = 200;

    // The loop takes its events in portions, so that deadlines pass before it has seen all that came in time.
    [Test]
    public void A_request_that_came_in_time_during_a_stall_is_answered([Range(1, 20)] int seed)
    {
        Start(seed: seed);
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Bed.Connect())];
        Array.ForEach(clients, c => c.Send(Msg.Get()));
        Net.RunUntilIdle();
        Array.ForEach(clients, c => c.Clear());
        Net.RunFor(TimeSpan.FromSeconds(73));

        Net.Loops[0].StallFor(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(1.9));
        Array.ForEach(clients, c => c.Send(Msg.Get()));
        Net.RunFor(TimeSpan.FromSeconds(4));

        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200), $"seed {seed}");
        Assert.That(Bed.Status.ClientCloses, Is.Empty);
        Assert.That(Net.Loops[0].Stalls, Is.EqualTo(1));
    }

    [Test]
    public void The_rest_of_a_head_that_came_in_time_during_a_stall_is_taken([Range(1, 10)] int seed)
    {
        Start(seed: seed);
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Bed.Connect())];
        Array.ForEach(clients, c => c.Send("GET / HTTP/1.1\r\n"));
        Net.RunFor(TimeSpan.FromSeconds(28));

        Net.Loops[0].StallFor(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(1.9));
        Array.ForEach(clients, c => c.Send("Host: x\r\n\r\n"));
        Net.RunFor(TimeSpan.FromSeconds(4));

        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200), $"seed {seed}");
    }

    [Test]
    public void Who_did_not_ask_during_a_stall_is_closed_after_it_at_once()
    {
        Bed.AnswerWith(Msg.Ok());
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(73));

        Net.Loops[0].StallFor(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(4.9));
        Assert.That(client.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.2));

        Assert.That(client.IsFinished);
        Assert.That(Bed.ClientCloses(CloseReason.IdleTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_stall_is_counted_where_a_collector_sees_it()
    {
        Start();
        long before = StallsSeen();

        Net.Loops[0].StallFor(TimeSpan.FromSeconds(3));

        Assert.That(StallsSeen() - before, Is.EqualTo(1));
    }

    private static long StallsSeen()
    {
        long seen = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "l7engine.loop.stalls")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => seen += value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
