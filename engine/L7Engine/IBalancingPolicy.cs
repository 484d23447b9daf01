namespace L7Engine;

/// <summary>Picks the backends of one group for the requests of one loop.</summary>
/// <remarks>
/// Each loop makes an instance of its own for each configuration, and calls it on its own thread alone: no member needs
/// a lock, and none may block.
/// </remarks>
public interface IBalancingPolicy
{
    /// <summary>What of a request the choice depends on. Called once for each, while its head is at hand.</summary>
    /// <returns>Any number, given to each <see cref="Pick"/> for this request; 0 when the request does not matter.
    /// </returns>
    ulong KeyOf(in BalancingRequest request) => 0;

    /// <summary>Picks a backend for one attempt to send a request.</summary>
    /// <param name="key">What <see cref="KeyOf"/> returned for the request.</param>
    /// <param name="candidates">The backends of the group.</param>
    /// <returns>The index of one that is available, or -1 when none is.</returns>
    int Pick(ulong key, in BalancingCandidates candidates);
}
