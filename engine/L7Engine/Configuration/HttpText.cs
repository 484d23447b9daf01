using System.Buffers;
using System.Globalization;
using System.Net;

namespace L7Engine.Configuration;

/// <summary>The forms that texts of a configuration must have to be of use in HTTP.</summary>
/// <remarks>Works on strings of a configuration, once; what comes from a peer is parsed in Http.</remarks>
internal static class HttpText
{
    // RFC 9110 section 5.6.2, "tchar".
    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // RFC 3986 section 3.2.2, "reg-name", without percent-encoding: no name that resolves has it.
    private static readonly SearchValues<char> HostChars = SearchValues.Create(
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> LabelChars = SearchValues.Create(
        "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // The platform would take a second pair of brackets with a port, and a zone, which means nothing elsewhere.
    private static readonly SearchValues<char> InnerMarks = SearchValues.Create("[]%");

    public static bool IsToken(string? text) => text is { Length: > 0 } && !text.AsSpan().ContainsAnyExcept(TokenChars);

    /// <summary>As people write it: name or address, and port.</summary>
    public static string Of(EndPoint address) => address is DnsEndPoint name
        ? string.Create(CultureInfo.InvariantCulture, $"{name.Host}:{name.Port}")
        : address.ToString()!;

    /// <summary>Whether a text can be the name of a host: labels of letters, digits, hyphens and underscores.</summary>
    /// <remarks>
    /// RFC 1123 section 2.1. One that ends in a number is none: it is an address with a slip, and resolvers would take
    /// some of those for addresses that nobody meant.
    /// </remarks>
    public static bool IsResolvable(string text)
    {
        string name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');
        return name.Length <= 253 && Array.TrueForAll(labels, IsLabel) && !IsNumber(labels[^1]);
    }

    public static bool IsWildcard(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    public static bool IsHostPattern(string? text) => text switch
    {
        null or "" => false,
        "*" => true,
        ['*', '.', .. string suffix] => IsName(suffix),
        _ => IsHost(text),
    };

    public static bool IsAuthority(string text)
    {
        int portStart = text.LastIndexOf(':');
        if (portStart < 0 || text.EndsWith(']'))
        {
            return IsHost(text);
        }

        return IsHost(text[..portStart])
            && ushort.TryParse(text.AsSpan(portStart + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>Whether a path equals its own normal form, so that a normalised request path can match it.</summary>
    public static bool IsNormalPath(string? path)
    {
        if (path is not ['/', ..] || (path.Length > 1 && path.EndsWith('/')))
        {
            return false;
        }

        foreach (char c in path)
        {
            if (c is < '\x21' or > '\x7e' or '#' or '?')
            {
                return false;
            }
        }

        bool hasOnlyNames = path[1..].Split('/').All(s => s is not ("" or "." or ".."));
        return path.Length == 1 || (hasOnlyNames && IsEncodingNeeded(path));
    }

    /// <summary>Whether it can be the target of a request: a path, maybe with a query.</summary>
    public static bool IsOriginForm(string text) =>
        text is ['/', ..] && !text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') && !text.Contains('#');

    /// <summary>Two hosts that routing does not tell apart give the same text.</summary>
    public static string HostKey(string host)
    {
        string key = host.ToUpperInvariant();
        return key.Length > 1 && key.EndsWith('.') ? key[..^1] : key;
    }

    private static bool IsLabel(string text) => text.Length is > 0 and <= 63
        && text[0] != '-' && text[^1] != '-' && !text.AsSpan().ContainsAnyExcept(LabelChars);

    private static bool IsNumber(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9')
        || text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static bool IsHost(string text) => text is ['[', .. string address, ']']
        ? address.Contains(':', StringComparison.Ordinal) && !address.AsSpan().ContainsAny(InnerMarks)
            && IPAddress.TryParse(address, out _)
        : IsName(text);

    private static bool IsName(string text)
    {
        ReadOnlySpan<char> name = text.EndsWith('.') ? text.AsSpan(0, text.Length - 1) : text;
        return name.Length is > 0 and <= 253 && name[0] != '.' && !name.Contains("..", StringComparison.Ordinal)
            && !name.ContainsAnyExcept(HostChars);
    }

    // The normal form decodes what RFC 3986 section 2.3 calls unreserved; those would never match.
    private static bool IsEncodingNeeded(string path)
    {
        for (int i = path.IndexOf('%', StringComparison.Ordinal); i >= 0; i = path.IndexOf('%', i + 1))
        {
            bool isByte = i + 2 < path.Length && byte.TryParse(
                path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte _);
            if (isByte && HostChars.Contains((char)Convert.ToByte(path.Substring(i + 1, 2), 16)))
            {
                return false;
            }
        }

        return true;
    }
}
