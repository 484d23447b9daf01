using BenchmarkDotNet.Attributes;
using L7Engine.Timing;

namespace L7Engine.Benchmarks.Timing;

/// <summary>Question: what does a deadline cost, and does the cost depend on how many others there are?</summary>
/// <remarks>
/// Every entry is due in 75 s, as idle connections are, spread over the buckets. Each call takes the next entry in a
/// shuffled order, so that with a million of them most are not in a cache. Not measured: what a deadline causes.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class TimerWheelBenchmarks
{
    private const int IdleTicks = 75 * TimerWheel.TicksPerSecond;
    private const int HeadTicks = 30 * TimerWheel.TicksPerSecond;

    private TimerWheel _wheel = new(bucketCount: 1, nowTick: 0);
    private Silent[] _entries = [];
    private int _next;

    [Params(10_000, 1_000_000)]
    public int Timers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _wheel = new TimerWheel(bucketCount: 1024, nowTick: 0);
        _entries = [.. Enumerable.Range(0, Timers).Select(_ => new Silent())];
        new Random(1).Shuffle(_entries);
        for (int i = 0; i < _entries.Length; i++)
        {
            _wheel.Arm(_entries[i], 1 + (i % IdleTicks));
        }
    }

    /// <summary>Activity on a connection: its deadline moves later.</summary>
    [Benchmark(Baseline = true)]
    public void Postpone() => _wheel.Arm(Next(), _wheel.NowTick + IdleTicks);

    /// <summary>Short and long deadlines in turn: the link stays at the short one, so neither moves it.</summary>
    [Benchmark]
    public void Alternate()
    {
        Silent entry = Next();
        _wheel.Arm(entry, _wheel.NowTick + HeadTicks);
        _wheel.Arm(entry, _wheel.NowTick + IdleTicks);
    }

    /// <summary>A connection goes and another comes in its place.</summary>
    [Benchmark]
    public void RemoveAndArm()
    {
        Silent entry = Next();
        _wheel.Remove(entry);
        _wheel.Arm(entry, _wheel.NowTick + IdleTicks);
    }

    /// <summary>An exchange without deadline begins and ends.</summary>
    [Benchmark]
    public void CancelAndArm()
    {
        Silent entry = Next();
        _wheel.Arm(entry, TimerWheel.Never);
        _wheel.Arm(entry, _wheel.NowTick + IdleTicks);
    }

    private Silent Next()
    {
        _next = _next + 1 == _entries.Length ? 0 : _next + 1;
        return _entries[_next];
    }

    private sealed class Silent : TimerEntry
    {
        protected internal override void OnDue()
        {
        }
    }
}
