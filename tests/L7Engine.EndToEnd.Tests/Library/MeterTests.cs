using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>The meter <c>L7Engine</c>, as a collector sees it.</summary>
[TestFixture]
internal sealed class MeterTests
{
    private const int Requests = 5;

    [Test]
    public async Task A_listener_sees_what_the_engine_did_and_nothing_after_its_end()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using var balancer = new LoadBalancer(Engines.Options(backend.Address));
        await balancer.StartAsync();
        await AskAsync(balancer);

        ConcurrentDictionary<string, long> seen = Observe();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen["l7engine.requests"], Is.EqualTo(Requests));
            Assert.That(seen["l7engine.client.connections.accepted"], Is.EqualTo(1));
            Assert.That(seen["l7engine.backend.connections.opened"], Is.EqualTo(1));
            Assert.That(seen["l7engine.requests.reused side=client"], Is.EqualTo(Requests - 1));
            Assert.That(seen["l7engine.requests.reused side=backend"], Is.EqualTo(Requests - 1));
            Assert.That(seen["l7engine.responses class=2xx"], Is.EqualTo(Requests));
            Assert.That(seen["l7engine.engine.responses class=5xx"], Is.Zero);
            Assert.That(seen["l7engine.client.closes reason=ClientClosed"], Is.EqualTo(1));
            Assert.That(seen["l7engine.client.io direction=receive"], Is.Positive);
            Assert.That(seen["l7engine.requests.waiting"], Is.Zero);
            Assert.That(seen["l7engine.requests.queued"], Is.Zero);
            Assert.That(seen["l7engine.queue.failures cause=timeout"], Is.Zero);
            Assert.That(seen["l7engine.faults"], Is.Zero);
        }

        await balancer.DisposeAsync();
        Assert.That(Observe(), Is.Empty);
    }

    private static async Task AskAsync(LoadBalancer balancer)
    {
        using (WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]))
        {
            for (int i = 0; i < Requests; i++)
            {
                await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                await client.ReadBodyAsync((await client.ReadHeadAsync())!);
            }
        }

        Assert.That(Patience.Until(() => balancer.GetStatus().ClientConnectionsOpen == 0));
    }

    private static ConcurrentDictionary<string, long> Observe()
    {
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "L7Engine")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string tag = tags.Length == 0 ? "" : $" {tags[0].Key}={tags[0].Value}";
            seen[instrument.Name + tag] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
