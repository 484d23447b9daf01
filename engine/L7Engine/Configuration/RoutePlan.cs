using L7Engine.Timing;

namespace L7Engine.Configuration;

/// <summary>What an exchange has to know of the route it takes.</summary>
/// <param name="Group">Place among the groups.</param>
/// <param name="IsEnabled">Null leaves it to the listener.</param>
/// <param name="IdleTicks">Null leaves it to the listener.</param>
internal sealed record RoutePlan(int Group, bool KeepsRequestTrailers, bool? IsEnabled, long? IdleTicks)
{
    public static RoutePlan Of(RouteOptions options, int group)
    {
        TimeSpan? idle = options.KeepAlive.IdleTimeout;
        long? idleTicks = idle is null ? null : TimerWheel.TicksOf(idle.Value);
        return new RoutePlan(group, options.RequestTrailers, options.KeepAlive.Enabled, idleTicks);
    }

    /// <summary>A listener's persistence with what this route changes.</summary>
    public PersistencePlan Over(in PersistencePlan listener) =>
        new(IsEnabled ?? listener.IsEnabled, IdleTicks ?? listener.IdleTicks);
}
