using BenchmarkDotNet.Attributes;
using L7Engine.Timing;

namespace L7Engine.Benchmarks.Timing;

/// <summary>Question: for how long does a tick hold up its loop?</summary>
/// <remarks>
/// Every entry that runs arms itself again, in 75 s: a tick handles one in 750 of them. Half of those met were
/// postponed meanwhile and are only linked again. Not measured: what a deadline causes.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class TimerWheelTickBenchmarks
{
    private const int IdleTicks = 75 * TimerWheel.TicksPerSecond;

    private TimerWheel _wheel = new(bucketCount: 1, nowTick: 0);

    [Params(0, 10_000, 1_000_000)]
    public int Timers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _wheel = new TimerWheel(bucketCount: 1024, nowTick: 0);
        Again[] entries = [.. Enumerable.Range(0, Timers).Select(_ => new Again(_wheel))];
        new Random(1).Shuffle(entries);
        for (int i = 0; i < entries.Length; i++)
        {
            _wheel.Arm(entries[i], 1 + (i % IdleTicks));
        }
    }

    [Benchmark]
    public int Tick() => _wheel.AdvanceTo(_wheel.NowTick + 1);

    private sealed class Again(TimerWheel wheel) : TimerEntry
    {
        private bool _isPostponed;

        protected internal override void OnDue()
        {
            wheel.Arm(this, wheel.NowTick + (IdleTicks / 2));
            _isPostponed = !_isPostponed;
            if (_isPostponed)
            {
                wheel.Arm(this, wheel.NowTick + IdleTicks);
            }
        }
    }
}
