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

    /// <summary>TCP keepalive probes towards backends.</summary>
    public TcpKeepAliveOptions TcpKeepAlive { get; init; } = new();

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDuration(IdleTimeout, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireRange(MaxIdle, 1, 65_536);
        errors.RequireDurationOrZero(MaxAge, ConfigErrors.Tick, TimeSpan.FromDays(365));
        TcpKeepAlive.Validate(errors.In("tcpKeepAlive"));
    }
}
