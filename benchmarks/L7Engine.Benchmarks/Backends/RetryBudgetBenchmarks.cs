using BenchmarkDotNet.Attributes;
using L7Engine.Backends.Retries;

namespace L7Engine.Benchmarks.Backends;

/// <summary>Question: what does the retry budget cost a request that goes well, and one that is sent again?</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class RetryBudgetBenchmarks
{
    private readonly RetryBudget _budget = new(new RetryMinimum());
    private readonly RetryOptions _options = new();
    private long _now;

    [Benchmark(Baseline = true)]
    public void CountRequest() => _budget.CountRequest(_now++ >> 6);

    [Benchmark]
    public bool TakeRetry() => _budget.TryTake(_now++ >> 6, _options);
}
