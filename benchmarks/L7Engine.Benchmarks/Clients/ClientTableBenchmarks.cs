using BenchmarkDotNet.Attributes;
using L7Engine.Clients;
using L7Engine.Diagnostics;

namespace L7Engine.Benchmarks.Clients;

/// <summary>Question: what do the caps of a client cost a connection, from accept to close?</summary>
/// <remarks>
/// Each touches another client, in an order that the caches cannot foresee. Not measured: loops that wait for each
/// other's locks; with 256 shards two meet rarely.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class ClientTableBenchmarks
{
    private readonly ClientTable _table = new();
    private uint _next;

    /// <summary>Clients that are connected all the while.</summary>
    [Params(100, 100_000)]
    public int Clients { get; set; }

    [GlobalSetup]
    public void Connect()
    {
        for (uint i = 0; i < Clients; i++)
        {
            _table.TryEnter(KeyOf(i), cap: 8);
        }
    }

    /// <summary>A client that is known comes once more, is left open, and goes.</summary>
    [Benchmark(Baseline = true)]
    public bool KnownClient() => Live(KeyOf(_next % (uint)Clients));

    /// <summary>A client comes, is left open, and goes without a trace.</summary>
    [Benchmark]
    public bool NewClient() => Live(KeyOf(_next | 0x8000_0000));

    /// <summary>A client that has as many connections as it may is refused.</summary>
    [Benchmark]
    public bool RefusedClient()
    {
        _next = (_next * 1_664_525) + 1_013_904_223;
        return _table.TryEnter(KeyOf(_next % (uint)Clients), cap: 1);
    }

    private bool Live(ClientKey client)
    {
        _next = (_next * 1_664_525) + 1_013_904_223;
        _table.TryEnter(client, cap: 8);
        bool persists = _table.TryPersist(client, cap: 4);
        _table.Leave(client, persists);
        return persists;
    }

    private static ClientKey KeyOf(uint address) =>
        ClientKey.Of(PeerAddress.Of(0xFFFF_0000_0000 | (UInt128)address, port: 80), ipv6PrefixBits: 64);
}
