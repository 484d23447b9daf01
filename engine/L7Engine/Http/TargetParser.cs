using System.Text;

namespace L7Engine.Http;

/// <param name="Authority">Host and port of an absolute-form target; otherwise empty.</param>
/// <param name="PathAndQuery">What is sent on.</param>
/// <param name="IsServerWide">OPTIONS about the server as a whole.</param>
internal readonly record struct RequestTarget(
    TargetForm Form, ByteRange Authority, ByteRange PathAndQuery, bool IsServerWide);

/// <summary>Tells the four forms of a request target apart (RFC 9112 section 3.2).</summary>
internal static class TargetParser
{
    /// <param name="range">Where the target lies; it holds only bytes that a target may hold.</param>
    /// <returns>False when the target has none of the forms that its method allows.</returns>
    public static bool TryParse(
        ReadOnlySpan<byte> input, ByteRange range, KnownMethod method, out RequestTarget target)
    {
        target = new RequestTarget(TargetForm.Origin, default, range, false);
        ReadOnlySpan<byte> text = range.Of(input);
        if (method == KnownMethod.Connect)
        {
            target = target with { Form = TargetForm.Authority };
            return HostSyntax.IsValid(text);
        }

        if (text[0] == '/')
        {
            return true;
        }

        if (text is [(byte)'*'])
        {
            target = target with { Form = TargetForm.Asterisk, IsServerWide = true };
            return method == KnownMethod.Options;
        }

        return TryParseAbsolute(text, range, method, out target);
    }

    private static bool TryParseAbsolute(
        ReadOnlySpan<byte> text, ByteRange range, KnownMethod method, out RequestTarget target)
    {
        target = default;
        int schemeBytes = SchemeBytes(text);
        if (schemeBytes == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[schemeBytes..];
        int end = rest.IndexOfAny((byte)'/', (byte)'?');
        int authorityBytes = end < 0 ? rest.Length : end;
        var authority = new ByteRange(range.Start + schemeBytes, authorityBytes);

        // An empty path is sent as "/"; the last byte of "http://" serves as its bytes.
        ByteRange path = end < 0
            ? new ByteRange(authority.Start - 1, 1)
            : new ByteRange(authority.End, rest.Length - authorityBytes);
        target = new RequestTarget(
            TargetForm.Absolute, authority, path, IsServerWide: end < 0 && method == KnownMethod.Options);
        return HostSyntax.IsValid(rest[..authorityBytes]);
    }

    private static int SchemeBytes(ReadOnlySpan<byte> text)
    {
        if (text.Length > 7 && Ascii.EqualsIgnoreCase(text[..7], "http://"u8))
        {
            return 7;
        }

        return text.Length > 8 && Ascii.EqualsIgnoreCase(text[..8], "https://"u8) ? 8 : 0;
    }
}
