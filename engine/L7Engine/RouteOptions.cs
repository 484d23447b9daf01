using L7Engine.Configuration;

namespace L7Engine;

/// <summary>Sends the requests for a host and a path to a group.</summary>
public sealed record RouteOptions
{
    /// <summary>The host: an exact name or address, <c>*.suffix</c>, or <c>*</c> for any.</summary>
    /// <value>Default <c>*</c>. Without a port; case and one trailing dot do not count.</value>
    public string Host { get; init; } = "*";

    /// <summary>The start of the path, by whole segments: <c>/api</c> covers <c>/api/x</c>, not <c>/apix</c>.</summary>
    /// <value>Default <c>/</c>. In normal form, as matched: no dot or empty segments, no slash at the end.</value>
    public string Path { get; init; } = "/";

    /// <summary>The name of the group.</summary>
    /// <value>Default <c>default</c>. It must be in <see cref="LoadBalancerOptions.Groups"/>.</value>
    public string Group { get; init; } = "default";

    /// <summary>Whether trailers of requests are passed on to the backend.</summary>
    /// <value>Default false: dropped (RFC 9110 section 6.5.1).</value>
    public bool RequestTrailers { get; init; }

    /// <summary>
    /// Whether the backends honour <c>Idempotency-Key</c>: a POST that carries it once, and not empty, may then be
    /// sent again like a PUT.
    /// </summary>
    /// <value>Default false: no POST is sent again once a byte of it may have reached a backend.</value>
    public bool IdempotencyKey { get; init; }

    /// <summary>
    /// Whether a request that may be repeated is sent to another backend when its response does not begin in time,
    /// once and within <see cref="BackendGroupOptions.Retries"/>.
    /// </summary>
    /// <value>Default false: the client is answered 504.</value>
    public bool RetryOnTimeout { get; init; }

    /// <summary>
    /// Whether a request that may be repeated is sent to another backend when what comes back is no response, or only
    /// the beginning of one, once and within <see cref="BackendGroupOptions.Retries"/>.
    /// </summary>
    /// <value>Default false: the client is answered 502. Origin: HAProxy (<c>retry-on junk-response</c>).</value>
    /// <remarks>Not once an interim response was passed on.</remarks>
    public bool RetryOnMalformed { get; init; }

    /// <summary>What the route changes of how long client connections persist.</summary>
    public RouteKeepAliveOptions KeepAlive { get; init; } = new();

    /// <summary>What the route changes of how long its requests may take.</summary>
    public RouteTimeoutOptions Timeouts { get; init; } = new();

    internal void Validate(ConfigErrors errors)
    {
        if (!HttpText.IsHostPattern(Host))
        {
            errors.Add("host", $"is \"{Host}\"; it must be a host without port, \"*.suffix\", or \"*\"");
        }

        if (!HttpText.IsNormalPath(Path))
        {
            errors.Add("path", $"is \"{Path}\"; it must start with / and be in normal form, such as \"/api\": " +
                "no query, no empty or dot segments, no / at the end, nothing encoded that needs no encoding");
        }

        errors.RequireName(Group);
        KeepAlive.Validate(errors.In("keepAlive"));
        Timeouts.Validate(errors.In("timeouts"));
    }
}
