using System.Net;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>One address that requests are sent to, or a name that stands for some.</summary>
public sealed record BackendOptions
{
    /// <summary>Where to connect.</summary>
    /// <value>
    /// Required. An <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> for a name that is resolved; a port from 1
    /// to 65,535.
    /// </value>
    /// <remarks>
    /// Each address that the name has is a backend of its own with these settings: see <see cref="NameOptions"/>.
    /// </remarks>
    public required EndPoint Address { get; init; }

    /// <summary>The share of requests, relative to the other backends of the group.</summary>
    /// <value>Default 1. Range 0 to 1,000; 0 gets no new requests.</value>
    public int Weight { get; init; } = 1;

    /// <summary>Requests that it is given at a time, over all loops; each has a connection.</summary>
    /// <value>Default 0: no limit. Range 0 to 1,000,000. Origin: HAProxy <c>maxconn</c>.</value>
    public int MaxConnections { get; init; }

    /// <summary>The Host field sent when the client sent none, as HTTP/1.0 clients may.</summary>
    /// <value>Default null: the address or name, and port. Else a host with an optional port.</value>
    public string? Authority { get; init; }

    /// <summary>The name that <see cref="Address"/> was resolved from; null for one that is configured.</summary>
    internal string? Name { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireAddress(Address);
        if (Address is not null && !IsReachable(Address))
        {
            errors.Add("address", $"is {HttpText.Of(Address)}; it must be an address or a name, and a port, that can " +
                "be connected to");
        }

        errors.RequireRange(Weight, 0, 1_000);
        errors.RequireRange(MaxConnections, 0, 1_000_000);
        if (Authority is not null && !HttpText.IsAuthority(Authority))
        {
            errors.Add("authority", $"is \"{Authority}\"; it must be a host, or host:port");
        }
    }

    // A name whose family is set would be one of two rules: names.addresses says which addresses are used.
    private static bool IsReachable(EndPoint address) => address switch
    {
        IPEndPoint ip => ip.Port != 0 && !HttpText.IsWildcard(ip.Address),
        DnsEndPoint name => name.Port != 0 && name.AddressFamily == 0 && HttpText.IsResolvable(name.Host),
        _ => false,
    };
}
