namespace L7Engine;

/// <summary>How a connection past <see cref="ClientCapsOptions.Connections"/> is refused.</summary>
public enum CapRefusal
{
    /// <summary>It is reset as soon as it was accepted, which costs the least.</summary>
    Reset,

    /// <summary>
    /// Its first request is answered 429 (Too Many Requests, RFC 6585 section 4) with <c>Retry-After</c>, and it is
    /// closed; a request that does not come within <see cref="Timeouts.Linger"/> is not waited for.
    /// </summary>
    TooManyRequests,
}
