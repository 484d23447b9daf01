using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How many connections one client may have at a listener, over all loops.</summary>
/// <remarks>
/// A client is an IPv4 address, however it is written (plain, IPv4-mapped or NAT64), or a network of IPv6. Peers of
/// <see cref="ListenerOptions.TrustedProxies"/> are exempt: one such connection carries many clients. With
/// <see cref="ListenerOptions.ProxyProtocol"/> the client that they name is the one that counts.
/// </remarks>
public sealed record ClientCapsOptions
{
    /// <summary>Connections of one client that responses leave open for another request.</summary>
    /// <value>Default 0: no cap. Range 0 to 1,000,000.</value>
    /// <remarks>
    /// Nobody is refused: a connection past it is served, and its response says <c>Connection: close</c>.
    /// </remarks>
    public int Persistent { get; init; }

    /// <summary>Connections of one client, whatever they carry; tunnels and closing ones count.</summary>
    /// <value>Default 0: no cap. Range 0 to 1,000,000.</value>
    /// <remarks>Past it a new connection is refused, as <see cref="Refusal"/> says.</remarks>
    public int Connections { get; init; }

    /// <summary>What a client is told whose connection is refused.</summary>
    /// <value>Default <see cref="CapRefusal.Reset"/>.</value>
    public CapRefusal Refusal { get; init; } = CapRefusal.Reset;

    /// <summary>How much of an IPv6 address names the client, in bits.</summary>
    /// <value>Default 64, the network that a host chooses its addresses from. Range 48 to 64.</value>
    /// <remarks>RFC 6177: a site may have 48 bits alone, and all of the networks in there.</remarks>
    public int IPv6PrefixLength { get; init; } = 64;

    internal bool HasAny => Persistent > 0 || Connections > 0;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireRange(Persistent, 0, 1_000_000);
        errors.RequireRange(Connections, 0, 1_000_000);
        errors.RequireDefined(Refusal);
        errors.RequireRange(IPv6PrefixLength, 48, 64, "ipv6PrefixLength");
    }
}
