using BenchmarkDotNet.Attributes;
using L7Engine.Balancing;

namespace L7Engine.Benchmarks.Balancing;

/// <summary>Question: what does a pick cost as the group grows?</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class SmoothWeightedRoundRobinBenchmarks
{
    private SmoothWeightedRoundRobin _policy = new([1], 0);
    private PickBed _all = new(1);
    private PickBed _others = new(1);

    [Params(2, 10, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _all = new PickBed(Backends);
        _others = new PickBed(Backends);
        _others.Tried[0] = true;
        _policy = new SmoothWeightedRoundRobin(_all.Weights, startOffset: 0);
    }

    [Benchmark(Baseline = true)]
    public int Pick() => _policy.Pick(0, _all.Candidates);

    [Benchmark]
    public int PickAnother() => _policy.Pick(0, _others.Candidates);
}
