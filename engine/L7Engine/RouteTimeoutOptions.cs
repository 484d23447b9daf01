using L7Engine.Configuration;

namespace L7Engine;

/// <summary>What a route changes of <see cref="Timeouts"/> for its own requests: long polls and streams of events are
/// silent for longer than others may be.</summary>
public sealed record RouteTimeoutOptions
{
    /// <summary>Between two reads of a request body.</summary>
    /// <value>Default null: as the listener's, or <see cref="Timeouts.RequestBodyGap"/>. Else 100 ms to 1 day.</value>
    public TimeSpan? RequestBodyGap { get; init; }

    /// <summary>Between two writes that a backend takes.</summary>
    /// <value>Default null: as <see cref="Timeouts.BackendSendGap"/>. Else 100 ms to 1 day.</value>
    public TimeSpan? BackendSendGap { get; init; }

    /// <summary>From the last byte of a request to the end of the response head.</summary>
    /// <value>Default null: as <see cref="Timeouts.BackendResponse"/>. Else 100 ms to 1 day.</value>
    public TimeSpan? BackendResponse { get; init; }

    /// <summary>Between two reads of a response body.</summary>
    /// <value>Default null: as <see cref="Timeouts.BackendBodyGap"/>. Else 100 ms to 1 day.</value>
    public TimeSpan? BackendBodyGap { get; init; }

    /// <summary>Silence in both directions after a switch of protocols.</summary>
    /// <value>Default null: as <see cref="Timeouts.TunnelIdle"/>. Else 100 ms to 365 days.</value>
    public TimeSpan? TunnelIdle { get; init; }

    /// <summary>All timeouts with those of the route in their place.</summary>
    internal Timeouts Over(Timeouts timeouts) => timeouts with
    {
        RequestBodyGap = RequestBodyGap ?? timeouts.RequestBodyGap,
        BackendSendGap = BackendSendGap ?? timeouts.BackendSendGap,
        BackendResponse = BackendResponse ?? timeouts.BackendResponse,
        BackendBodyGap = BackendBodyGap ?? timeouts.BackendBodyGap,
        TunnelIdle = TunnelIdle ?? timeouts.TunnelIdle,
    };

    internal void Validate(ConfigErrors errors)
    {
        Require(errors, RequestBodyGap, days: 1, nameof(RequestBodyGap));
        Require(errors, BackendSendGap, days: 1, nameof(BackendSendGap));
        Require(errors, BackendResponse, days: 1, nameof(BackendResponse));
        Require(errors, BackendBodyGap, days: 1, nameof(BackendBodyGap));
        Require(errors, TunnelIdle, days: 365, nameof(TunnelIdle));
    }

    private static void Require(ConfigErrors errors, TimeSpan? value, int days, string name) =>
        errors.RequireDuration(value ?? ConfigErrors.Tick, ConfigErrors.Tick, TimeSpan.FromDays(days), name);
}
