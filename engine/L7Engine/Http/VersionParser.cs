namespace L7Engine.Http;

/// <summary>Reads <c>HTTP/1.1</c>, which is case-sensitive (RFC 9112 section 2.3).</summary>
internal static class VersionParser
{
    /// <summary>Length of every version, in bytes.</summary>
    public const int Bytes = 8;

    /// <param name="text">What has arrived from the start of the version on; only the first eight bytes are
    /// read.</param>
    public static ParseStatus Parse(ReadOnlySpan<byte> text, out HttpVersion version, out HttpFault fault)
    {
        version = HttpVersion.Http11;
        fault = HttpFault.None;
        if (text.StartsWith("HTTP/1.1"u8))
        {
            return ParseStatus.Complete;
        }

        if (!HasShape(text))
        {
            fault = HttpFault.BadVersion;
            return ParseStatus.Invalid;
        }

        if (text.Length < Bytes)
        {
            return ParseStatus.NeedMore;
        }

        if (text[5] != '1')
        {
            fault = HttpFault.UnsupportedVersion;
            return ParseStatus.Invalid;
        }

        version = text[7] == '0' ? HttpVersion.Http10 : HttpVersion.Http11;
        return ParseStatus.Complete;
    }

    /// <summary>True when what is there of "HTTP/" DIGIT "." DIGIT is right.</summary>
    private static bool HasShape(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> name = "HTTP/"u8;
        int nameBytes = Math.Min(text.Length, name.Length);
        return text[..nameBytes].SequenceEqual(name[..nameBytes])
            && (text.Length < 6 || char.IsAsciiDigit((char)text[5]))
            && (text.Length < 7 || text[6] == '.')
            && (text.Length < 8 || char.IsAsciiDigit((char)text[7]));
    }
}
