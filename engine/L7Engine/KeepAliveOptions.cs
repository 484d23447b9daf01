using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How long client connections of one listener persist, and what they are told about it.</summary>
public sealed record KeepAliveOptions
{
    /// <summary>Whether a connection may carry more than one request.</summary>
    /// <value>Default true. False answers every request with <c>Connection: close</c>.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>The longest wait between a response and the next request; then the connection is closed.</summary>
    /// <value>Default 75 s. 0 turns persistence off; else 100 ms to 1 day.</value>
    /// <remarks>Origin: nginx <c>keepalive_timeout</c>.</remarks>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Requests on one connection; the response to the last one announces the close.</summary>
    /// <value>Default 1,000. Range 0 to 1,000,000,000; 0 is no limit.</value>
    /// <remarks>Origin: nginx <c>keepalive_requests</c>.</remarks>
    public int MaxRequests { get; init; } = 1_000;

    /// <summary>Age after which the next response announces the close; an idle connection is not cut by it.</summary>
    /// <value>Default 1 h. 0 is no limit; else 100 ms to 365 days.</value>
    /// <remarks>Origin: nginx <c>keepalive_time</c>.</remarks>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The share of <see cref="MaxAge"/> that a connection may lose, by lot.</summary>
    /// <value>Default 0.1. Range 0 to 1; with 0 all connections live equally long. Origin: gRPC.</value>
    /// <remarks>Drawn once for each connection: those that began together do not all end together.</remarks>
    public double MaxAgeJitter { get; init; } = 0.1;

    /// <summary>Whether responses of a connection that persists say <c>Connection: keep-alive</c>.</summary>
    /// <value>Default true. HTTP/1.0 clients are always told, or they would not reuse it.</value>
    public bool AnnounceConnection { get; init; } = true;

    /// <summary>Whether those responses say <c>Keep-Alive: timeout=</c>, one second less than ours.</summary>
    /// <value>Default false. True needs an <see cref="IdleTimeout"/> of at least 2 s.</value>
    /// <remarks>Less than ours, so that a client that honours it stops reusing before we close.</remarks>
    public bool AnnounceTimeout { get; init; }

    /// <summary>Whether those responses say <c>Keep-Alive: max=</c>, the requests that the connection may yet carry.
    /// </summary>
    /// <value>Default false. True needs a limit: <see cref="MaxRequests"/>.</value>
    public bool AnnounceRequests { get; init; }

    /// <summary>
    /// Share of the connections that get an idle timeout of 300 s, so that <see cref="LoadBalancerStatus.WhatIf"/>
    /// knows what a longer one would do.
    /// </summary>
    /// <value>Default 0. Range 0 to 1. Without effect where persistence is off.</value>
    public double ExploreShare { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDurationOrZero(IdleTimeout, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireRange(MaxRequests, 0, 1_000_000_000);
        errors.RequireDurationOrZero(MaxAge, ConfigErrors.Tick, TimeSpan.FromDays(365));
        errors.RequireShare(MaxAgeJitter);
        errors.RequireShare(ExploreShare);
        if (AnnounceTimeout && Enabled && IdleTimeout > TimeSpan.Zero && IdleTimeout < TimeSpan.FromSeconds(2))
        {
            errors.Add("announceTimeout", "announces one second less than idleTimeout; that must be at least 2s");
        }

        if (AnnounceRequests && MaxRequests == 0)
        {
            errors.Add("announceRequests", "announces what is left of maxRequests, which is no limit; set one");
        }
    }
}
