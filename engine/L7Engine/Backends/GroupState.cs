namespace L7Engine.Backends;

/// <summary>What all loops share of one group of backends. It outlives the configurations that have the group.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class GroupState
{
}
