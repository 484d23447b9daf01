using System.Net;
using BenchmarkDotNet.Attributes;
using L7Engine.Clients;
using L7Engine.Diagnostics;

namespace L7Engine.Benchmarks.Clients;

/// <summary>
/// Question: what does keeping track of whose connections there are cost, and does it depend on how many there are?
/// </summary>
/// <remarks>
/// Only while connections run short is anything kept track of. Half of the connections are one client's, the others of
/// a client each; each call takes the next in a shuffled order. Not measured: closing.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class FairEvictionBenchmarks
{
    private readonly EvictionBoard _board = new(loops: 1);
    private FairEviction _fairness = null!;
    private ClientKey[] _clients = [];
    private int[] _slots = [];
    private int _next;

    [Params(10_000, 1_000_000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _slots = [.. Enumerable.Range(0, Connections)];
        _clients = [.. _slots.Select(slot => KeyOf(slot % 2 == 0 ? -1 : slot))];
        _fairness = Survey();
        new Random(1).Shuffle(_slots);
    }

    /// <summary>A request and its response: busy, then idle again.</summary>
    [Benchmark(Baseline = true)]
    public void BusyAndIdle()
    {
        int slot = Next();
        _fairness.Move(slot, ClientState.Exchanging);
        _fairness.Move(slot, ClientState.Idle);
    }

    /// <summary>A connection is accepted, and one goes for it.</summary>
    [Benchmark]
    public void EvictAndAdd()
    {
        int slot = _fairness.Next;
        _fairness.End(slot);
        _fairness.Move(slot, ClientState.Closed);
        _fairness.Add(slot, _clients[slot], ClientState.Accepted);
    }

    /// <summary>The beginning: all connections that there are, oldest first.</summary>
    [Benchmark]
    public object SurveyAll() => Survey();

    private static ClientKey KeyOf(int client) =>
        ClientKey.Of(PeerAddress.Of(new IPEndPoint(0x7F00_0000L + client, 0)), 64);

    private FairEviction Survey()
    {
        var fairness = new FairEviction(_board, loop: 0, Connections);
        for (int slot = 0; slot < Connections; slot++)
        {
            fairness.Add(slot, _clients[slot], ClientState.Idle);
        }

        return fairness;
    }

    private int Next()
    {
        _next = _next + 1 == _slots.Length ? 0 : _next + 1;
        return _slots[_next];
    }
}
