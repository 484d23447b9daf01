using L7Engine.Configuration;

namespace L7Engine;

/// <summary>What a route changes of its listener's <see cref="KeepAliveOptions"/>, after each response of its own.
/// </summary>
/// <remarks>Requests and age are counted for a connection, which serves many routes: only the listener limits them.
/// </remarks>
public sealed record RouteKeepAliveOptions
{
    /// <summary>Whether the connection may stay open after a response of this route.</summary>
    /// <value>Default null: as <see cref="KeepAliveOptions.Enabled"/> of the listener.</value>
    public bool? Enabled { get; init; }

    /// <summary>The longest wait for the next request after a response of this route.</summary>
    /// <value>Default null: as the listener's. 0 keeps no connection; else 100 ms to 1 day.</value>
    public TimeSpan? IdleTimeout { get; init; }

    internal void Validate(ConfigErrors errors) => errors.RequireDurationOrZero(
        IdleTimeout ?? TimeSpan.Zero, ConfigErrors.Tick, TimeSpan.FromDays(1), nameof(IdleTimeout));
}
