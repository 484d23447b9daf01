using BenchmarkDotNet.Attributes;
using L7Engine.Balancing;

namespace L7Engine.Benchmarks.Balancing;

/// <summary>Question: what does each policy cost a pick as the group grows? Weights differ; nothing is in flight.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class PolicyBenchmarks
{
    private PickBed _bed = new(1);
    private SmoothWeightedRoundRobin _turn = new([1], 0);
    private LeastConnections _least = null!;
    private PowerOfTwoChoices _two = null!;
    private ConsistentHash _hash = null!;
    private ConsistentHash _bounded = null!;
    private ulong _key;

    [Params(3, 10, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bed = new PickBed(Backends);
        _turn = new SmoothWeightedRoundRobin(_bed.Weights, 0);
        _least = new LeastConnections(new SmoothWeightedRoundRobin(_bed.Weights, 0), Backends);
        _two = new PowerOfTwoChoices(new Random(1), Backends);
        _hash = HashOf(0);
        _bounded = HashOf(1.25);
    }

    [Benchmark(Baseline = true)]
    public int RoundRobin() => _turn.Pick(0, _bed.Candidates);

    [Benchmark]
    public int LeastConnections() => _least.Pick(0, _bed.Candidates);

    [Benchmark]
    public int PowerOfTwo() => _two.Pick(0, _bed.Candidates);

    [Benchmark]
    public int ClientHash() => _hash.Pick(StableHash.Mix(++_key), _bed.Candidates);

    [Benchmark]
    public int ConsistentHashBounded() => _bounded.Pick(StableHash.Mix(++_key), _bed.Candidates);

    private ConsistentHash HashOf(double boundedLoad) => new(
        new HashKey(HashInput.ClientAddress), boundedLoad, _turn, [.. _bed.Addresses.Select(a => a.ToString())]);
}
