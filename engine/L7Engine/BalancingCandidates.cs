using System.Net;
using L7Engine.Backends;

namespace L7Engine;

/// <summary>The backends of a group, as they are in the moment of a pick, in the order of the configuration.</summary>
/// <remarks>What is read twice may have changed: other loops pick, too.</remarks>
public readonly ref struct BalancingCandidates
{
    private readonly ReadOnlySpan<Backend> _backends;
    private readonly ReadOnlySpan<bool> _tried;

    /// <param name="tried">By index: true for those that the request was tried on.</param>
    internal BalancingCandidates(ReadOnlySpan<Backend> backends, ReadOnlySpan<bool> tried)
    {
        _backends = backends;
        _tried = tried;
    }

    /// <summary>How many backends the group has.</summary>
    public int Count => _backends.Length;

    /// <summary>Whether the backend takes requests, has a place for one more, and was not tried for this request.
    /// </summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public bool IsAvailable(int index) =>
        !_tried[index] && _backends[index] is { TakesRequests: true, HasPlace: true };

    /// <summary>The share of requests that it should have, relative to the others.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public double Weight(int index) => _backends[index].Weight * _backends[index].State.Health.Share;

    /// <summary>The requests that it has in this moment, over all loops.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public int InFlight(int index) => _backends[index].State.InFlight;

    /// <summary>Its address.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public IPEndPoint Address(int index) => _backends[index].Address;

    /// <summary>The same, seen by a policy that leaves some out.</summary>
    /// <param name="leftOut">By index; true as well for those that the request was tried on.</param>
    internal BalancingCandidates Without(ReadOnlySpan<bool> leftOut) => new(_backends, leftOut);
}
