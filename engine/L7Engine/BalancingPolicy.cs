namespace L7Engine;

/// <summary>How a group picks the backend of a request.</summary>
public enum BalancingPolicy
{
    /// <summary>Smooth weighted round robin: in turn, by weight, without bursts to the heaviest.</summary>
    RoundRobin,

    /// <summary>
    /// The backend with the fewest requests in flight for its weight, over all loops; of several, the one whose turn it
    /// is.
    /// </summary>
    LeastConnections,

    /// <summary>Of two backends drawn by weight, the one with fewer requests in flight for its weight.</summary>
    PowerOfTwo,

    /// <summary>Always the same backend for one client, while that is available.</summary>
    ClientHash,

    /// <summary>
    /// Always the same backend for one key, which <see cref="BackendGroupOptions.Hash"/> tells, while that is available
    /// and not overloaded.
    /// </summary>
    ConsistentHash,
}
