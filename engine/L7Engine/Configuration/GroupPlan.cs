using L7Engine.Backends;
using L7Engine.Timing;

namespace L7Engine.Configuration;

/// <summary>A group as an exchange sees it.</summary>
/// <param name="State">What all loops share of it.</param>
/// <param name="HasPlaces">Some backend has a number of places, so that all may be full.</param>
/// <param name="QueueTicks">How long a request may wait for a place.</param>
internal sealed record GroupPlan(
    BackendGroupOptions Options, Backend[] Backends, GroupState State, bool HasPlaces, long QueueTicks)
{
    /// <param name="state">Of the configuration before; null when it had no such group.</param>
    public static GroupPlan Of(BackendGroupOptions options, Backend[] backends, GroupState? state) => new(
        options,
        backends,
        state ?? new GroupState(backends),
        Array.Exists(backends, backend => backend.MaxInFlight > 0),
        TimerWheel.TicksOf(options.Queue.Timeout));
}
