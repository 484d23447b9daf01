using L7Engine.Backends;

namespace L7Engine.Configuration;

/// <summary>A group as an exchange sees it.</summary>
/// <param name="State">What all loops share of it.</param>
internal sealed record GroupPlan(BackendGroupOptions Options, Backend[] Backends, GroupState State);
