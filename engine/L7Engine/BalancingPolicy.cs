namespace L7Engine;

/// <summary>How a group picks the backend of a request.</summary>
public enum BalancingPolicy
{
    /// <summary>Smooth weighted round robin: in turn, by weight, without bursts to the heaviest.</summary>
    RoundRobin,
}
