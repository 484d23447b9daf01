using L7Engine.Backends;

namespace L7Engine.Balancing;

/// <summary>Makes the policy that a group is configured to have.</summary>
internal static class Policies
{
    /// <param name="loop">The number of the loop that will call it.</param>
    /// <param name="seed">What is drawn by lot; another one for each loop, from 0 up.</param>
    /// <param name="report">Told of what a policy of the embedder throws.</param>
    public static IBalancingPolicy Of(
        BackendGroupOptions group, Backend[] backends, int loop, int seed, Action<Exception> report)
    {
        var turn = new SmoothWeightedRoundRobin([.. backends.Select(b => b.Weight)], seed);
        if (group.CustomPolicy is { } make)
        {
            var context = new BalancingPolicyContext
            {
                Group = group.Name,
                Loop = loop,
                Seed = seed,
                Addresses = [.. backends.Select(b => b.Address)],
            };
            return Guarded(make, context, turn, report);
        }

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

    private static IBalancingPolicy Guarded(
        Func<BalancingPolicyContext, IBalancingPolicy> make, BalancingPolicyContext context,
        SmoothWeightedRoundRobin turn, Action<Exception> report)
    {
        try
        {
            IBalancingPolicy own = make(context)
                ?? throw new InvalidOperationException($"No policy was made for group {context.Group}.");
            return new GuardedPolicy(own, turn, report);
        }
        catch (Exception fault)
        {
            report(fault);
            return turn;
        }
    }
}
