namespace L7Engine.Http;

/// <param name="End">Offset just after the line's CRLF.</param>
internal readonly record struct RequestLine(ByteRange Method, ByteRange Target, HttpVersion Version, int End);

/// <summary>Reads a request line, in place (RFC 9112 section 3): method, target and version with one SP
/// between.</summary>
internal static class RequestLineParser
{
    /// <summary>Longer than any registered method; past it the answer is 501 (RFC 9112 section 3).</summary>
    public const int MaxMethodBytes = 64;

    /// <param name="start">Where the line starts.</param>
    /// <param name="maxLineBytes">Longest accepted line, without its CRLF.</param>
    /// <remarks>Left to right: a prefix of an invalid line needs more, or is invalid for the same reason.</remarks>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> input, int start, int maxLineBytes, out RequestLine line, out HttpFault fault)
    {
        line = default;
        ParseStatus status = ParseMethod(input[start..], out int methodBytes, out fault);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        int targetStart = start + methodBytes + 1;
        int maxTargetBytes = maxLineBytes - methodBytes - 2 - VersionParser.Bytes;
        status = ParseTarget(input[targetStart..], maxTargetBytes, out int targetBytes, out fault);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        int versionStart = targetStart + targetBytes + 1;
        status = VersionParser.Parse(input[versionStart..], out HttpVersion version, out fault);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        line = new RequestLine(
            new ByteRange(start, methodBytes),
            new ByteRange(targetStart, targetBytes),
            version,
            versionStart + VersionParser.Bytes + 2);
        return ParseLineEnd(input[(versionStart + VersionParser.Bytes)..], out fault);
    }

    private static ParseStatus ParseMethod(ReadOnlySpan<byte> text, out int methodBytes, out HttpFault fault)
    {
        methodBytes = text.IndexOfAnyExcept(HttpBytes.Token);
        if (methodBytes < 0 && text.Length <= MaxMethodBytes)
        {
            fault = HttpFault.None;
            return ParseStatus.NeedMore;
        }

        if (methodBytes is < 0 or > MaxMethodBytes)
        {
            return Invalid(HttpFault.MethodTooLong, out fault);
        }

        bool isFollowedBySpace = methodBytes > 0 && text[methodBytes] == ' ';
        return isFollowedBySpace ? Complete(out fault) : Invalid(HttpFault.BadRequestLine, out fault);
    }

    private static ParseStatus ParseTarget(
        ReadOnlySpan<byte> text, int maxBytes, out int targetBytes, out HttpFault fault)
    {
        // Only the longest target and the byte after it are looked at, so that the limit is found at the same byte
        // whatever has arrived behind it.
        bool isMoreThanAllowed = text.Length > maxBytes;
        targetBytes = (isMoreThanAllowed ? text[..(maxBytes + 1)] : text).IndexOfAnyExcept(HttpBytes.Target);
        if (targetBytes < 0)
        {
            fault = isMoreThanAllowed ? HttpFault.TargetTooLong : HttpFault.None;
            return isMoreThanAllowed ? ParseStatus.Invalid : ParseStatus.NeedMore;
        }

        if (text[targetBytes] != ' ')
        {
            return Invalid(HttpFault.BadTarget, out fault);
        }

        return targetBytes > 0 ? Complete(out fault) : Invalid(HttpFault.BadRequestLine, out fault);
    }

    private static ParseStatus ParseLineEnd(ReadOnlySpan<byte> text, out HttpFault fault)
    {
        if (text.StartsWith("\r\n"u8))
        {
            return Complete(out fault);
        }

        fault = HttpFault.None;
        return text switch
        {
            [] or [(byte)'\r'] => ParseStatus.NeedMore,
            [(byte)'\r', ..] => Invalid(HttpFault.BareCarriageReturn, out fault),
            [(byte)'\n', ..] => Invalid(HttpFault.BareLineFeed, out fault),
            _ => Invalid(HttpFault.BadVersion, out fault),
        };
    }

    private static ParseStatus Complete(out HttpFault fault)
    {
        fault = HttpFault.None;
        return ParseStatus.Complete;
    }

    private static ParseStatus Invalid(HttpFault why, out HttpFault fault)
    {
        fault = why;
        return ParseStatus.Invalid;
    }
}
