using L7Engine.Backends;
using L7Engine.Backends.Retries;
using L7Engine.Balancing;
using L7Engine.Configuration;

namespace L7Engine.Proxying;

/// <summary>The configuration in force on one loop, with the pools and balancers that the loop has for it.</summary>
/// <remarks>
/// Replaced whole, by the loop's thread alone: what reads it once, at its beginning, and keeps it sees one
/// configuration to its end. The lists do not change; what they contain belongs to the loop's thread.
/// </remarks>
/// <param name="maxTunnels">Tunnels that all loops together may have.</param>
/// <param name="pools">By the index of the backend.</param>
/// <param name="retired">Pools of backends that are configured no more, and had a connection left.</param>
/// <param name="balancers">By the index of the group.</param>
/// <param name="affinities">By the index of the group; null where clients are not bound.</param>
internal sealed class LoopPlan(
    Snapshot snapshot, int maxTunnels, BackendPool[] pools, BackendPool[] retired, IBalancingPolicy[] balancers,
    AffinityCookie?[] affinities)
{
    public Snapshot Snapshot { get; } = snapshot;

    public int MaxTunnels { get; } = maxTunnels;

    public BackendPool[] Pools { get; } = pools;

    public BackendPool[] Retired { get; } = retired;

    /// <summary>By the index of the group. What they have counted begins anew with each configuration.</summary>
    public RetryBudget[] Budgets { get; } =
        [.. snapshot.Groups.Select(group => new RetryBudget(group.State.Retries))];

    /// <summary>By the index of the group.</summary>
    public IBalancingPolicy[] Balancers { get; } = balancers;

    /// <summary>By the index of the group; null where clients are not bound.</summary>
    public AffinityCookie?[] Affinities { get; } = affinities;
}
