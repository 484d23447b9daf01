using System.Diagnostics;
using System.Text;

namespace L7Engine.Http;

/// <summary>Writes the last chunk with the trailers that may be forwarded.</summary>
/// <remarks>
/// Source: RFC 9110 section 6.5.1: framing, routing, authentication, cookies and what describes the content have no
/// meaning after it, and must not gain one in a recipient that merges trailers into the head.
/// </remarks>
internal static class TrailerWriter
{
    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public static int MaxBytes(ReadOnlySpan<byte> trailerSection) =>
        trailerSection.Length + ChunkWriter.LastChunk.Length;

    /// <param name="trailerSection">The lines a <see cref="ChunkedDecoder"/> found valid, without the final
    /// CRLF.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> trailerSection, Span<byte> destination)
    {
        var to = new HeadCursor(destination);
        to.Write("0\r\n"u8);
        int start = 0;
        while (start < trailerSection.Length)
        {
            ParseStatus status = FieldLineParser.Parse(trailerSection, start, out FieldLine line, out _);
            Debug.Assert(status == ParseStatus.Complete, "The decoder has checked every line.");
            if (MayFollow(line.Field) && !IsControlData(line.Name.Of(trailerSection)))
            {
                to.Write(trailerSection[start..line.LineEnd]);
            }

            start = line.LineEnd;
        }

        to.Write("\r\n"u8);
        return to.Position;
    }

    /// <summary>Of the fields that the engine knows none is at home in a trailer.</summary>
    private static bool MayFollow(KnownField field) => field == KnownField.Other;

    /// <summary>
    /// Fields that direct how a request or response is handled. Digests of the content may follow it (RFC 9530).
    /// </summary>
    private static bool IsControlData(ReadOnlySpan<byte> name) => name.Length switch
    {
        _ when StartsWith(name, "If-"u8) => true,
        3 => Is(name, "Age"u8),
        4 => Is(name, "Vary"u8),
        5 => Is(name, "Range"u8) || Is(name, "Allow"u8),
        6 => Is(name, "Pragma"u8) || Is(name, "Origin"u8),
        7 => Is(name, "Expires"u8) || Is(name, "Warning"u8),
        8 => Is(name, "Location"u8),
        11 => Is(name, "Set-Cookie2"u8) || Is(name, "Retry-After"u8),
        13 => Is(name, "Cache-Control"u8),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static bool StartsWith(ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix) =>
        name.Length > prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix);
}
