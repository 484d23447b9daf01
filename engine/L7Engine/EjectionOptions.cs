using L7Engine.Configuration;

namespace L7Engine;

/// <summary>When a backend that fails requests is left out for a while.</summary>
/// <remarks>
/// A failure is: no connection, a connection that ends before the head of a response though it was fresh, a timeout of
/// sending or of the response, a head that is no HTTP, and what <see cref="Statuses"/> adds. Not counted: what the
/// client did, ports or descriptors that this machine lacks, and a kept connection that the backend had closed. What
/// becomes of a response after its head does not count, either. When its time is over, one request tries the backend:
/// answered, it is up again, else it is ejected for twice as long.
/// </remarks>
public sealed record EjectionOptions
{
    /// <summary>Whether backends are ejected.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Failures in a row, over all loops, that eject a backend.</summary>
    /// <value>Default 5. 0: they do not; to 10,000.</value>
    /// <remarks>Origin: Envoy <c>consecutive_5xx</c>.</remarks>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>Share of the requests of one <see cref="Window"/> that ejects a backend when it has failed.</summary>
    /// <value>Default 0.5. 0: it does not matter; to 1.</value>
    public double FailureRate { get; init; } = 0.5;

    /// <summary>How long requests are counted for the rate; then the count begins anew.</summary>
    /// <value>Default 10 s. Range 1 s to 1 h.</value>
    /// <remarks>Origin: Envoy <c>interval</c>.</remarks>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests that a window must have before the rate says anything.</summary>
    /// <value>Default 20. Range 1 to 1,000,000.</value>
    public int MinimumRequests { get; init; } = 20;

    /// <summary>Statuses of responses that count as failures; they are passed on all the same.</summary>
    /// <value>Default none. Codes 400 to 599.</value>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>How long the first ejection lasts; each further one twice as long.</summary>
    /// <value>Default 10 s. Range 100 ms to <see cref="MaxTime"/>.</value>
    /// <remarks>
    /// A backend that then serves for as long as it was ejected last has one doubling less to its name. Origin: nginx
    /// <c>fail_timeout</c>.
    /// </remarks>
    public TimeSpan BaseTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest that an ejection lasts.</summary>
    /// <value>Default 5 min. Range <see cref="BaseTime"/> to 1 day.</value>
    /// <remarks>Origin: Envoy <c>max_ejection_time</c>.</remarks>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of the backends of the group, rounded down, that may be ejected at a time.</summary>
    /// <value>Default 0.5. Range 0 to 1. The last backend that is up is never ejected.</value>
    public double MaxShare { get; init; } = 0.5;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireRange(ConsecutiveFailures, 0, 10_000);
        errors.RequireShare(FailureRate);
        errors.RequireDuration(Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        errors.RequireRange(MinimumRequests, 1, 1_000_000);
        for (int i = 0; i < Statuses.Count; i++)
        {
            if (Statuses[i] is < 400 or > 599)
            {
                errors.In("statuses", i).Add("", string.Create(null, $"is {Statuses[i]}; it must be 400 to 599"));
            }
        }

        errors.RequireDuration(BaseTime, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireDuration(MaxTime, ConfigErrors.Tick, TimeSpan.FromDays(1));
        if (BaseTime > MaxTime)
        {
            errors.Add("baseTime", $"is {ConfigText.Of(BaseTime)}, more than maxTime, {ConfigText.Of(MaxTime)}");
        }

        errors.RequireShare(MaxShare);
    }
}
