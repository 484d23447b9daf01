using System.Net;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>One address that requests are sent to.</summary>
public sealed record BackendOptions
{
    /// <summary>Where to connect.</summary>
    /// <value>Required. A real address and a port from 1 to 65,535.</value>
    public required IPEndPoint Address { get; init; }

    /// <summary>The share of requests, relative to the other backends of the group.</summary>
    /// <value>Default 1. Range 0 to 1,000; 0 gets no new requests.</value>
    public int Weight { get; init; } = 1;

    /// <summary>Requests that it is given at a time, over all loops; each has a connection.</summary>
    /// <value>Default 0: no limit. Range 0 to 1,000,000. Origin: HAProxy <c>maxconn</c>.</value>
    public int MaxConnections { get; init; }

    /// <summary>The Host field sent when the client sent none, as HTTP/1.0 clients may.</summary>
    /// <value>Default null: the address and port. Else a host with an optional port.</value>
    public string? Authority { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireAddress(Address);
        if (Address is not null && (Address.Port == 0 || HttpText.IsWildcard(Address.Address)))
        {
            errors.Add("address", $"is {Address}; it must be an address and a port that can be connected to");
        }

        errors.RequireRange(Weight, 0, 1_000);
        errors.RequireRange(MaxConnections, 0, 1_000_000);
        if (Authority is not null && !HttpText.IsAuthority(Authority))
        {
            errors.Add("authority", $"is \"{Authority}\"; it must be a host, or host:port");
        }
    }
}
