using L7Engine.Configuration;

namespace L7Engine;

/// <summary>The idle connections to the backends of one group, kept for reuse by any client.</summary>
public sealed record PoolOptions
{
    /// <summary>Whether connections are kept.</summary>
    /// <value>Default true. False sends <c>Connection: close</c> with every request.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>The longest time a connection waits for its next request.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Less than the backend's own, or requests race its close.</value>
    /// <remarks>Origin: nginx <c>keepalive_timeout</c> of an upstream.</remarks>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Idle connections kept, per backend and loop.</summary>
    /// <value>Default 1,024. Range 1 to 65,536.</value>
    public int MaxIdle { get; init; } = 1_024;

    /// <summary>Age past which a connection is not reused.</summary>
    /// <value>Default 1 h. 0 is no limit; else 100 ms to 365 days.</value>
    /// <remarks>Origin: nginx <c>keepalive_time</c> of an upstream.</remarks>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether it is learned when each backend closes idle connections, to close them first.</summary>
    /// <value>Default true. False reuses up to <see cref="IdleTimeout"/>, whatever was seen.</value>
    /// <remarks>Learned from the closes themselves and from <c>Keep-Alive: timeout=</c> in responses.</remarks>
    public bool LearnIdleTimeout { get; init; } = true;

    /// <summary>The longest time that a connection was idle which a request may have that can be sent only once.
    /// </summary>
    /// <value>Default 500 ms. 0: such a request always has a fresh connection; else 1 ms to 1 day.</value>
    /// <remarks>
    /// POST and PATCH among them, and bodies too large to be kept. Never more than half of what was learned. No
    /// backend is known to close as early; it has to be less, by a round trip, than the least deadline of a backend.
    /// </remarks>
    public TimeSpan NonIdempotentReuse { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>TCP keepalive probes towards backends.</summary>
    public TcpKeepAliveOptions TcpKeepAlive { get; init; } = new();

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDuration(IdleTimeout, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireRange(MaxIdle, 1, 65_536);
        errors.RequireDurationOrZero(MaxAge, ConfigErrors.Tick, TimeSpan.FromDays(365));
        errors.RequireDurationOrZero(NonIdempotentReuse, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        TcpKeepAlive.Validate(errors.In("tcpKeepAlive"));
    }
}
