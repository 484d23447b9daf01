using System.Net;

namespace L7Engine;

/// <summary>For whom a policy of your own is made: one group, on one loop, under one configuration.</summary>
public sealed record BalancingPolicyContext
{
    /// <summary>The name of the group.</summary>
    public required string Group { get; init; }

    /// <summary>Which loop will call it.</summary>
    /// <value>From 0 to one less than there are loops.</value>
    public required int Loop { get; init; }

    /// <summary>What to draw by lot from: another number for each loop, so that they do not all pick the same.
    /// </summary>
    /// <value>0 or more.</value>
    public required int Seed { get; init; }

    /// <summary>The addresses of the backends, in the order in which <see cref="BalancingCandidates"/> has them.
    /// </summary>
    public required IReadOnlyList<IPEndPoint> Addresses { get; init; }
}
