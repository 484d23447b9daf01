namespace L7Engine;

/// <summary>Picks the backends of one group for the requests of one loop.</summary>
/// <remarks>
/// Each loop has an instance of its own for each group and configuration, made by
/// <see cref="BackendGroupOptions.CustomPolicy"/>, and calls it on its own thread alone. So no member needs a lock, and
/// none may block: everything on that loop would wait. None should throw. If one does, or picks what is no index, the
/// group's round robin picks in its place: the request is served, the fault is counted in
/// <see cref="LoadBalancerStatus.PolicyFaults"/>, and logged once a second at most. If it picks a backend that is not
/// available, round robin picks as well; that is no fault, as another loop may have taken the last place there in this
/// very moment.
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
    /// <returns>The index of one that is available, or -1 when none is to have the request.</returns>
    int Pick(ulong key, in BalancingCandidates candidates);
}
