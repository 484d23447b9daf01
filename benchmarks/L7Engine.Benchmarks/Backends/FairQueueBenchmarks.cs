using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Backends.Places;
using L7Engine.Diagnostics;

namespace L7Engine.Benchmarks.Backends;

/// <summary>Question: what does it cost, under the lock of a group, to find who gets a place, by how many clients wait?
/// </summary>
/// <remarks>Each client has one request, and that has tried one backend: it waits for the other.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class FairQueueBenchmarks
{
    private readonly BackendState _tried = new();
    private readonly BackendState _other = new();
    private readonly FairQueue _queue = new();

    /// <summary>Clients that wait.</summary>
    [Params(1, 1_000, 10_000)]
    public int Clients { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < Clients; i++)
        {
            PeerAddress peer = PeerAddress.Of(0xFFFF_0000_0000 | (UInt128)i, port: 0);
            var request = new QueuedRequest(() => true) { Client = ClientKey.Of(peer, ipv6PrefixBits: 64) };
            request.NoteTried(_tried);
            _queue.Add(request);
        }
    }

    /// <summary>The place is of no use to any of them.</summary>
    [Benchmark]
    public bool OfNoUse() => _queue.FindNext(_tried) is null;

    /// <summary>It is for the first one, which then waits again.</summary>
    [Benchmark]
    public int OfUse()
    {
        QueuedRequest next = _queue.FindNext(_other)!;
        _queue.Take(next);
        _queue.Add(next);
        return _queue.Count;
    }
}
