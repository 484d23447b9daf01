using L7Engine.Backends;

namespace L7Engine.Balancing;

/// <summary>Makes the policy that a group is configured to have.</summary>
internal static class Policies
{
    /// <param name="seed">What is drawn by lot; another one for each loop, from 0 up.</param>
    public static IBalancingPolicy Of(BackendGroupOptions group, Backend[] backends, int seed)
    {
        var turn = new SmoothWeightedRoundRobin([.. backends.Select(b => b.Weight)], seed);
        string[] addresses = [.. backends.Select(b => b.Address.ToString())];
        return group.Policy switch
        {
            BalancingPolicy.LeastConnections => new LeastConnections(turn, backends.Length),
            BalancingPolicy.PowerOfTwo => new PowerOfTwoChoices(new Random(seed), backends.Length),
            BalancingPolicy.ClientHash =>
                new ConsistentHash(new HashKey(HashInput.ClientAddress), boundedLoad: 0, turn, addresses),
            BalancingPolicy.ConsistentHash => new ConsistentHash(
                new HashKey(group.Hash.On, group.Hash.Header), group.Hash.BoundedLoad, turn, addresses),
            _ => turn,
        };
    }
}
