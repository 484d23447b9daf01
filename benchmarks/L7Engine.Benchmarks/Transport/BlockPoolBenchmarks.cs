using System.Buffers;
using BenchmarkDotNet.Attributes;
using L7Engine.Transport;

namespace L7Engine.Benchmarks.Transport;

/// <summary>Question: what does renting a block from its loop cost, beside an array of the platform's pool?</summary>
/// <remarks>
/// Hot path: 0 bytes. Not measured: a pool that has to allocate, trimming, the budget's end, and what filling the block
/// costs a cold cache.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class BlockPoolBenchmarks
{
    private const int InUse = 64;

    private readonly BlockPool _pool = new(budgetBytes: 64 * 1024 * 1024);
    private readonly Block[] _blocks = new Block[InUse];
    private readonly byte[][] _arrays = new byte[InUse][];

    [Params(1_024, BlockPool.RelayBytes)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup() => RentAllAndReturnAll();

    [Benchmark(Baseline = true)]
    public void RentAndReturn() => _pool.Return(_pool.Rent(Bytes));

    /// <summary>As many connections at once, in the order they came; per block.</summary>
    [Benchmark(OperationsPerInvoke = InUse)]
    public void RentAllAndReturnAll()
    {
        for (int i = 0; i < InUse; i++)
        {
            _blocks[i] = _pool.Rent(Bytes);
        }

        for (int i = 0; i < InUse; i++)
        {
            _pool.Return(_blocks[i]);
        }
    }

    [Benchmark]
    public void ArrayPoolRentAndReturn() => ArrayPool<byte>.Shared.Return(ArrayPool<byte>.Shared.Rent(Bytes));

    [Benchmark(OperationsPerInvoke = InUse)]
    public void ArrayPoolRentAllAndReturnAll()
    {
        for (int i = 0; i < InUse; i++)
        {
            _arrays[i] = ArrayPool<byte>.Shared.Rent(Bytes);
        }

        for (int i = 0; i < InUse; i++)
        {
            ArrayPool<byte>.Shared.Return(_arrays[i]);
        }
    }
}
