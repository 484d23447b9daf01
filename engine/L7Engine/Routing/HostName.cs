using System.Net;

namespace L7Engine.Routing;

/// <summary>The part of a host that routing looks at: no port, and not the one dot that may end a name.</summary>
/// <remarks>Source: RFC 9110 section 4.2.3 for the port and the case; RFC 3986 section 3.2.2 for the dot.</remarks>
internal static class HostName
{
    /// <summary>Longer than any name: DNS ends at 253.</summary>
    public const int MaxBytes = 255;

    /// <param name="host">A validated Host field or authority, with or without a port.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> host)
    {
        if (host.StartsWith((byte)'['))
        {
            return host[..(host.IndexOf((byte)']') + 1)];
        }

        int portStart = host.IndexOf((byte)':');
        ReadOnlySpan<byte> name = portStart < 0 ? host : host[..portStart];
        return name.Length > 1 && name[^1] == (byte)'.' ? name[..^1] : name;
    }

    /// <summary>The form in which a host of the configuration is kept.</summary>
    /// <remarks>
    /// An IPv6 address takes its canonical form, the one that clients send (WHATWG URL section 3.5); one that a client
    /// writes otherwise is compared as text and does not match.
    /// </remarks>
    public static string OfPattern(string host)
    {
        if (host.StartsWith('[') && IPAddress.TryParse(host, out IPAddress? address))
        {
            return $"[{address}]";
        }

        return host.Length > 1 && host[^1] == '.' ? host[..^1] : host;
    }
}
