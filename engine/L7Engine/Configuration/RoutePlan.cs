using L7Engine.Timing;

namespace L7Engine.Configuration;

/// <summary>What an exchange has to know of the route it takes.</summary>
/// <param name="Group">Place among the groups.</param>
/// <param name="IsEnabled">Null leaves it to the listener.</param>
/// <param name="IdleTicks">Null leaves it to the listener.</param>
/// <param name="Ticks">All timeouts, with those of the route in their place.</param>
/// <param name="RequestBodyGapTicks">Null leaves it to the listener.</param>
/// <param name="Timeouts">What is the route's own among the timeouts.</param>
/// <param name="Queue">Of its group.</param>
internal sealed record RoutePlan(
    int Group,
    bool KeepsRequestTrailers,
    bool? IsEnabled,
    long? IdleTicks,
    TimeoutTicks Ticks,
    long? RequestBodyGapTicks,
    RouteTimeoutOptions Timeouts,
    QueueOptions Queue)
{
    /// <inheritdoc cref="RouteOptions.IdempotencyKey"/>
    public bool HonoursIdempotencyKey { get; init; }

    /// <inheritdoc cref="RouteOptions.RetryOnTimeout"/>
    public bool RetriesOnTimeout { get; init; }

    /// <inheritdoc cref="RouteOptions.RetryOnMalformed"/>
    public bool RetriesOnMalformed { get; init; }

    public static RoutePlan Of(RouteOptions options, int group, LoadBalancerOptions all) => new(
        group,
        options.RequestTrailers,
        options.KeepAlive.Enabled,
        TicksOf(options.KeepAlive.IdleTimeout),
        new TimeoutTicks(options.Timeouts.Over(all.Timeouts)),
        TicksOf(options.Timeouts.RequestBodyGap),
        options.Timeouts,
        all.Groups[group].Queue)
    {
        HonoursIdempotencyKey = options.IdempotencyKey,
        RetriesOnTimeout = options.RetryOnTimeout,
        RetriesOnMalformed = options.RetryOnMalformed,
    };

    /// <summary>A listener's persistence with what this route changes.</summary>
    public PersistencePlan Over(in PersistencePlan listener) =>
        new(IsEnabled ?? listener.IsEnabled, IdleTicks ?? listener.IdleTicks);

    private static long? TicksOf(TimeSpan? own) => own is { } duration ? TimerWheel.TicksOf(duration) : null;
}
