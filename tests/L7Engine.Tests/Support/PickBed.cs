using System.Net;
using L7Engine.Backends;

namespace L7Engine.Tests.Support;

/// <summary>Backends for a policy to pick from, without an engine.</summary>
internal sealed class PickBed
{
    public PickBed(params int[] weights)
        : this([.. weights.Select((weight, i) => new BackendOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, 9_001 + i),
            Weight = weight,
        })])
    {
    }

    public PickBed(BackendOptions[] backends)
    {
        Options = backends;
        var group = new BackendGroupOptions { Backends = backends };
        Backends = [.. backends.Select((options, i) =>
            new Backend(i, i, group, options, new Timeouts(), new BackendState()))];
        Tried = new bool[backends.Length];
    }

    public BackendOptions[] Options { get; }

    public Backend[] Backends { get; }

    /// <summary>True for each that must not be picked.</summary>
    public bool[] Tried { get; set; }

    public BalancingCandidates Candidates => new(Backends, Tried);

    public int Pick(IBalancingPolicy policy, ulong key = 0) => policy.Pick(key, Candidates);

    public int[] Picks(IBalancingPolicy policy, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Pick(policy))];

    /// <summary>Puts one more request in flight.</summary>
    public void Take(int index) => Backends[index].State.TryTakePlace(0);

    /// <summary>Puts so many more requests in flight, by index.</summary>
    public void Load(params int[] counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            for (int n = counts[i]; n > 0; n--)
            {
                Take(i);
            }
        }
    }
}
