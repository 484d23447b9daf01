using L7Engine.Backends.Health;
using L7Engine.Backends.Places;
using L7Engine.Backends.Retries;

namespace L7Engine.Backends;

/// <summary>What all loops share of one group of backends. It outlives the configurations that have the group.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="backends">Those of the first configuration that has the group.</param>
internal sealed class GroupState(Backend[] backends)
{
    /// <summary>The places at its backends, and who waits for one.</summary>
    public GroupPlaces Places { get; } = new(backends);

    /// <summary>Requests sent again in this second.</summary>
    public RetryMinimum Retries { get; } = new();

    /// <summary>The health of its backends together.</summary>
    public GroupHealth Health { get; } = new();
}
