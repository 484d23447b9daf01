using BenchmarkDotNet.Attributes;
using L7Engine.Diagnostics;

namespace L7Engine.Benchmarks.Diagnostics;

/// <summary>Question: what does the what-if curve cost, for each request and for each picture?</summary>
/// <remarks>Not measured: another thread that takes a picture meanwhile.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class WhatIfBenchmarks
{
    private const int Ages = 1 << 10;
    private const int Loops = 2;

    private readonly long[] _ages = [.. RandomAges()];
    private readonly GapCounters[] _loops = [.. Enumerable.Range(0, Loops).Select(_ => new GapCounters(0))];
    private int _next;
    private long _now;

    [GlobalSetup]
    public void SeeSome()
    {
        for (int i = 0; i < 100 * Ages; i++)
        {
            CountRequest();
        }
    }

    /// <summary>All that one request on a persistent connection is counted by: its gap, and its exchange.</summary>
    [Benchmark]
    public void CountRequest()
    {
        GapCounters loop = _loops[_next & 1];
        _now += _next & 1;
        _next++;
        loop.EndGap(CloseReason.None, _ages[_next & (Ages - 1)], _now);
        loop.EndExchange(CloseReason.None, persists: true, _now);
    }

    /// <summary>The curve of one listener over two loops, as <c>GetStatus()</c> makes it.</summary>
    [Benchmark]
    public object MakeCurve() => WhatIfEstimate.PointsOf(GapSums.Of(_loops, _now));

    // As many in each octave from 1 ms to 300 s.
    private static IEnumerable<long> RandomAges()
    {
        var random = new Random(1);
        for (int i = 0; i < Ages; i++)
        {
            yield return (long)Math.Pow(300_000, random.NextDouble());
        }
    }
}
