using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How slow clients of one listener may be: with a request head, with a request body, taking a response.
/// </summary>
/// <remarks>
/// The clocks run only while the client is the one that is waited for. A tunnel is exempt: it has
/// <see cref="Timeouts.TunnelIdle"/>.
/// </remarks>
public sealed record SlowClientOptions
{
    /// <summary>In place of <see cref="Timeouts.RequestHead"/>.</summary>
    /// <value>Default null: as there. 100 ms to 1 day.</value>
    public TimeSpan? RequestHead { get; init; }

    /// <summary>In place of <see cref="Timeouts.RequestBodyGap"/>.</summary>
    /// <value>Default null: as there. 100 ms to 1 day.</value>
    public TimeSpan? RequestBodyGap { get; init; }

    /// <summary>In place of <see cref="Timeouts.ResponseSendGap"/>.</summary>
    /// <value>Default null: as there. 100 ms to 1 day.</value>
    public TimeSpan? ResponseSendGap { get; init; }

    /// <summary>The least bytes a second of a request body, and of a response that does not fit the kernel's buffers,
    /// on average over all the time of one exchange that was spent waiting for the client.</summary>
    /// <value>Default 240. Range 0 to 1 GiB; 0 is no minimum. Origin: Kestrel. Past it 408, or a reset.</value>
    public int MinimumRateBytes { get; init; } = 240;

    /// <summary>What a client may be waited for, in all, before the minimum rate counts.</summary>
    /// <value>Default 5 s. Range 100 ms to 1 day. Origin: Kestrel.</value>
    public TimeSpan MinimumRateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the kernel takes of a response before it can send it to this client, in bytes.</summary>
    /// <value>Default 0: the kernel's affair, which may be megabytes. Else 4 KiB to 1 GiB.</value>
    /// <remarks>
    /// Linux (<c>TCP_NOTSENT_LOWAT</c>). Bounds the kernel's memory for a client that takes nothing, and lets the
    /// minimum rate count for smaller responses.
    /// </remarks>
    public int MaxUnsentBytes { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        TimeSpan day = TimeSpan.FromDays(1);
        errors.RequireDuration(RequestHead ?? day, ConfigErrors.Tick, day, nameof(RequestHead));
        errors.RequireDuration(RequestBodyGap ?? day, ConfigErrors.Tick, day, nameof(RequestBodyGap));
        errors.RequireDuration(ResponseSendGap ?? day, ConfigErrors.Tick, day, nameof(ResponseSendGap));
        errors.RequireBytes(MinimumRateBytes, 0, 1_024 * 1_024 * 1_024);
        errors.RequireDuration(MinimumRateGrace, ConfigErrors.Tick, day);
        if (MaxUnsentBytes != 0)
        {
            errors.RequireBytes(MaxUnsentBytes, 4 * 1_024, 1_024 * 1_024 * 1_024);
        }
    }
}
