using System.Net;

namespace L7Engine.Http;

/// <summary>Checks a Host value or the authority of a target: host and optional port, no userinfo.</summary>
/// <remarks>Source: RFC 9110 section 7.2, RFC 3986 section 3.2. Stricter: not empty, and no comma in a name.</remarks>
internal static class HostSyntax
{
    public static bool IsValid(ReadOnlySpan<byte> authority)
    {
        if (authority.IsEmpty)
        {
            return false;
        }

        if (authority[0] == '[')
        {
            int close = authority.IndexOf((byte)']');
            return close > 0 && IsIPv6(authority[1..close]) && IsPortOrNothing(authority[(close + 1)..]);
        }

        int colon = authority.IndexOf((byte)':');
        return colon < 0
            ? IsName(authority)
            : IsName(authority[..colon]) && IsPortOrNothing(authority[colon..]);
    }

    /// <summary>True for a name or IPv4 address; every IPv4 address is also a valid name.</summary>
    private static bool IsName(ReadOnlySpan<byte> name)
    {
        int rest = name.IndexOfAnyExcept(HttpBytes.HostName);
        return rest < 0 ? !name.IsEmpty : IsNameWithEscapes(name[rest..]);
    }

    private static bool IsNameWithEscapes(ReadOnlySpan<byte> name)
    {
        while (name is [(byte)'%', byte high, byte low, ..] && IsHex(high) && IsHex(low))
        {
            name = name[3..];
            int next = name.IndexOfAnyExcept(HttpBytes.HostName);
            if (next < 0)
            {
                return true;
            }

            name = name[next..];
        }

        return false;
    }

    private static bool IsIPv6(ReadOnlySpan<byte> address)
    {
        foreach (byte b in address)
        {
            // The parser of the platform also knows zones, which do not belong here (RFC 3986 section 3.2.2).
            if (!IsHex(b) && b is not ((byte)':' or (byte)'.'))
            {
                return false;
            }
        }

        return address.Contains((byte)':') && IPAddress.IsValidUtf8(address);
    }

    private static bool IsPortOrNothing(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        // The port may be empty (RFC 3986 section 3.2.3).
        int port = 0;
        foreach (byte b in text[1..])
        {
            if (!char.IsAsciiDigit((char)b) || text.Length > 6)
            {
                return false;
            }

            port = (port * 10) + b - '0';
        }

        return text[0] == ':' && port <= ushort.MaxValue;
    }

    private static bool IsHex(byte b) => char.IsAsciiHexDigit((char)b);
}
