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

    /// <summary>Idle connections kept, per backend and over all loops.</summary>
    /// <value>Default 1,024. Range 1 to 65,536. Past it a loop closes the oldest of its own.</value>
    /// <remarks>
    /// A loop that has less than an equal part of them takes a place from the one that has most, which closes its
    /// oldest. With fewer places than loops there is no such part: who comes first has them.
    /// A loop also closes those that it did not need for 10 s, all but one: with more loops than load they would
    /// otherwise be kept for nothing.
    /// </remarks>
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

    /// <summary>Share of <see cref="MaxAge"/> by which connections differ: each has its own age, by lot, from that
    /// much less up to it. Those that were opened together do not end together.</summary>
    /// <value>Default 0.1. Range 0 to 1.</value>
    public double MaxAgeJitter { get; init; } = 0.1;

    /// <summary>Requests that one connection carries before it is closed.</summary>
    /// <value>Default 0: no limit. Range 0 to 1,000,000,000.</value>
    /// <remarks>
    /// nginx closes after 1,000, which alone opens a connection for every thousandth request. A backend that wants it
    /// so says close by itself; age is limited by <see cref="MaxAge"/>.
    /// </remarks>
    public int MaxRequests { get; init; }

    /// <summary>TCP keepalive probes towards backends.</summary>
    public TcpKeepAliveOptions TcpKeepAlive { get; init; } = new();

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDuration(IdleTimeout, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireRange(MaxIdle, 1, 65_536);
        errors.RequireDurationOrZero(MaxAge, ConfigErrors.Tick, TimeSpan.FromDays(365));
        errors.RequireDurationOrZero(NonIdempotentReuse, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        errors.RequireShare(MaxAgeJitter);
        errors.RequireRange(MaxRequests, 0, 1_000_000_000);
        TcpKeepAlive.Validate(errors.In("tcpKeepAlive"));
    }
}
