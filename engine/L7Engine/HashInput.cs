namespace L7Engine;

/// <summary>What of a request decides on its backend.</summary>
public enum HashInput
{
    /// <summary>
    /// The client: an IPv4 address, or the first 64 bits of an IPv6 address; taken from X-Forwarded-For where a trusted
    /// proxy sent it.
    /// </summary>
    ClientAddress,

    /// <summary>The host, without its port and whatever its case.</summary>
    Host,

    /// <summary>The path as it was sent, without the query.</summary>
    Path,

    /// <summary>The first field named <see cref="HashOptions.Header"/>.</summary>
    Header,
}
