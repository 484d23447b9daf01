using System.Diagnostics.Metrics;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EngineMeterTests : IDisposable
{
    private readonly LoopCounters[] _loops = [new(), new()];
    private readonly CloseLedger[] _ledgers = [new(4), new(4)];
    private readonly HealthTotals _health = new();
    private readonly string _instance = Guid.NewGuid().ToString();
    private readonly EngineMeter _meter;

    private BackendLevel[] _backends = [];

    public EngineMeterTests() => _meter = new EngineMeter(_loops, _ledgers, _health, () => _backends, _instance);

    public void Dispose() => _meter.Dispose();

    [Test]
    public void An_instrument_shows_the_sum_over_the_loops()
    {
        _loops[0].Add(LoopCounter.ClientsOpen, 2);
        _loops[1].Add(LoopCounter.ClientsOpen, 3);

        Assert.That(Collect()["l7engine.client.connections.open"], Is.EqualTo(5));
    }

    [Test]
    public void Closes_are_told_apart_by_side_and_reason()
    {
        _ledgers[0].Enter(new CloseEntry { Side = ConnectionSide.Client, Cause = CloseReason.IdleTimeout });
        _ledgers[1].Enter(new CloseEntry { Side = ConnectionSide.Client, Cause = CloseReason.IdleTimeout });
        _ledgers[1].Enter(new CloseEntry { Side = ConnectionSide.Backend, Cause = CloseReason.PoolFull });

        Dictionary<string, long> seen = Collect();

        Assert.That(
            seen.Where(s => s.Key.Contains(".closes", StringComparison.Ordinal)),
            Is.EquivalentTo(new Dictionary<string, long>
            {
                ["l7engine.client.closes reason=IdleTimeout"] = 2,
                ["l7engine.backend.closes reason=PoolFull"] = 1,
            }));
    }

    [Test]
    public void Backends_are_shown_by_group_and_state()
    {
        _backends = [new BackendLevel("a", "up", 2), new BackendLevel("a", "down", 0), new BackendLevel("b", "up", 1)];

        Assert.That(Collect().Where(s => s.Key.StartsWith("l7engine.backends", StringComparison.Ordinal)), Is.EquivalentTo(
            new Dictionary<string, long>
            {
                ["l7engine.backends group=a state=up"] = 2,
                ["l7engine.backends group=a state=down"] = 0,
                ["l7engine.backends group=b state=up"] = 1,
            }));
    }

    [Test]
    public void Every_counter_is_shown_once()
    {
        LoopCounter[] counters = Enum.GetValues<LoopCounter>();
        foreach (LoopCounter counter in counters)
        {
            _loops[0].Add(counter, 1 + (int)counter);
        }

        HealthCounter[] ofHealth = Enum.GetValues<HealthCounter>();
        foreach (HealthCounter counter in ofHealth)
        {
            for (int i = 0; i < 1_000 + (int)counter; i++)
            {
                _health.Add(counter);
            }
        }

        Assert.That(
            Collect().Values,
            Is.EquivalentTo(counters.Select(c => 1L + (int)c).Concat(ofHealth.Select(c => 1_000L + (int)c))));
    }

    [Test]
    public void A_disposed_meter_shows_nothing()
    {
        _meter.Dispose();

        Assert.That(Collect(), Is.Empty);
    }

    private Dictionary<string, long> Collect()
    {
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Tags?.Any(t => _instance.Equals(t.Value)) == true)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            seen.Add(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(t => $"{t.Key}={t.Value}")]), value));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
