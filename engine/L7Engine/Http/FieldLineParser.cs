using System.Runtime.CompilerServices;

namespace L7Engine.Http;

/// <summary>Reads one field line (RFC 9112 section 5): two scans, each of which validates and finds the
/// delimiter.</summary>
internal static class FieldLineParser
{
    /// <param name="start">Where the line starts; there is a byte, and it is not the CR of the empty line.</param>
    /// <remarks>Left to right: a prefix of an invalid line needs more, or is invalid for the same reason.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ParseStatus Parse(ReadOnlySpan<byte> input, int start, out FieldLine line, out HttpFault fault)
    {
        line = default;
        fault = HttpFault.None;

        ReadOnlySpan<byte> text = input[start..];
        int colon = text.IndexOfAnyExcept(HttpBytes.Token);
        if (colon < 0)
        {
            return ParseStatus.NeedMore;
        }

        if (colon == 0 || text[colon] != ':')
        {
            return Invalid(NameFault(colon, text[colon]), out fault);
        }

        int valueStart = colon + 1;
        int valueEnd = text[valueStart..].IndexOfAny(HttpBytes.Controls) + valueStart;
        if (valueEnd < valueStart)
        {
            return ParseStatus.NeedMore;
        }

        if (text[valueEnd] != '\r' || (valueEnd + 1 < text.Length && text[valueEnd + 1] != '\n'))
        {
            return Invalid(ControlFault(text[valueEnd]), out fault);
        }

        if (valueEnd + 1 == text.Length)
        {
            return ParseStatus.NeedMore;
        }

        line = new FieldLine(
            new ByteRange(start, colon),
            Trim(input, start + valueStart, start + valueEnd),
            start + valueEnd + 2,
            KnownFields.Find(text[..colon]));
        return ParseStatus.Complete;
    }

    /// <summary>The fault of a control byte that may not stand where it does.</summary>
    public static HttpFault ControlFault(byte control) => control switch
    {
        (byte)'\r' => HttpFault.BareCarriageReturn,
        (byte)'\n' => HttpFault.BareLineFeed,
        _ => HttpFault.ControlByte,
    };

    private static HttpFault NameFault(int nameBytes, byte next)
    {
        bool isSpace = HttpBytes.IsOptionalSpace(next);
        return (nameBytes, next) switch
        {
            (0, (byte)':') => HttpFault.EmptyFieldName,
            (0, _) when isSpace => HttpFault.ObsoleteFold,
            (_, _) when isSpace => HttpFault.SpaceBeforeColon,
            (_, (byte)'\n') => HttpFault.BareLineFeed,
            _ => HttpFault.BadFieldName,
        };
    }

    private static ByteRange Trim(ReadOnlySpan<byte> input, int start, int end)
    {
        while (start < end && HttpBytes.IsOptionalSpace(input[start]))
        {
            start++;
        }

        while (end > start && HttpBytes.IsOptionalSpace(input[end - 1]))
        {
            end--;
        }

        return new ByteRange(start, end - start);
    }

    private static ParseStatus Invalid(HttpFault why, out HttpFault fault)
    {
        fault = why;
        return ParseStatus.Invalid;
    }
}
