using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using L7Engine.Transport;

namespace L7Engine.Benchmarks.Backends;

/// <summary>
/// Question: what does leasing a backend connection and giving it back cost, and does it depend on how many are idle?
/// </summary>
/// <remarks>
/// Hot path: 0 bytes. Not measured: opening and closing a connection, the kernel, a pool that is empty or full.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class BackendPoolBenchmarks
{
    private const int InUse = 16;

    private readonly BackendLease[] _leases = new BackendLease[InUse];
    private BackendPool _pool = null!;

    [Params(16, 1_000)]
    public int Idle { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var network = new SimNetwork();
        SimServer server = network.Listen();
        MemoryLoop loop = network.CreateLoop();
        var options = new BackendOptions { Address = server.Address };
        var group = new BackendGroupOptions { Backends = [options] };
        var backend = new Backend(0, 0, group, options, new Timeouts(), new BackendState());
        _pool = new BackendPool(backend, loop, new CloseLedger(0), new LoopCounters());

        long deadline = loop.NowTick + 100;
        ValueTask<ConnectResult>[] connecting = loop.Do(() => Enumerable.Range(0, Idle)
            .Select(_ => loop.ConnectAsync(server.Address, default, deadline)).ToArray());
        network.RunUntilIdle();
        loop.Do(() => Array.ForEach(connecting, one => _pool.LeaseNew(one.Result.Connection!).Return()));
    }

    [Benchmark(Baseline = true)]
    public void LeaseAndReturn()
    {
        _pool.TryLease(isRepeatable: true, out BackendLease lease);
        lease.Return();
    }

    /// <summary>As many exchanges at once, given back in the order they were taken; per connection.</summary>
    [Benchmark(OperationsPerInvoke = InUse)]
    public void LeaseAllAndReturnAll()
    {
        for (int i = 0; i < InUse; i++)
        {
            _pool.TryLease(isRepeatable: true, out _leases[i]);
        }

        for (int i = 0; i < InUse; i++)
        {
            _leases[i].Return();
        }
    }
}
