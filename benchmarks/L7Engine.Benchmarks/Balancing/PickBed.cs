using System.Net;
using L7Engine.Backends;

namespace L7Engine.Benchmarks.Balancing;

/// <summary>Backends for a policy to pick from; their weights are 1, 2, 3 and so on.</summary>
internal sealed class PickBed
{
    private readonly Backend[] _backends;

    public PickBed(int count)
    {
        BackendOptions[] options = [.. Enumerable.Range(1, count).Select(i =>
            new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, 9_000 + i), Weight = i })];
        var group = new BackendGroupOptions { Backends = options };
        _backends = [.. options.Select((o, i) => new Backend(i, i, group, o, new Timeouts(), new BackendState()))];
        Tried = new bool[count];
    }

    public IPEndPoint[] Addresses => [.. _backends.Select(b => b.Address)];

    public int[] Weights => [.. _backends.Select(b => b.Weight)];

    public bool[] Tried { get; }

    public BalancingCandidates Candidates => new(_backends, Tried);
}
