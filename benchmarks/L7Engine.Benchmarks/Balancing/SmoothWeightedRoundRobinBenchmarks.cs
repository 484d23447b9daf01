using BenchmarkDotNet.Attributes;
using L7Engine.Balancing;

namespace L7Engine.Benchmarks.Balancing;

/// <summary>Question: what does a pick cost as the group grows?</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class SmoothWeightedRoundRobinBenchmarks
{
    private SmoothWeightedRoundRobin _policy = new([1], 0);
    private bool[] _excluded = [];

    [Params(2, 10, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _policy = new SmoothWeightedRoundRobin([.. Enumerable.Range(1, Backends)], startOffset: 0);
        _excluded = new bool[Backends];
        _excluded[0] = true;
    }

    [Benchmark(Baseline = true)]
    public int Pick() => _policy.Pick([]);

    [Benchmark]
    public int PickAnother() => _policy.Pick(_excluded);
}
