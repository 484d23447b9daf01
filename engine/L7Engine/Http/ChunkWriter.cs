using System.Buffers.Text;
using System.Diagnostics;

namespace L7Engine.Http;

/// <summary>Writes chunk framing (RFC 9112 section 7.1). Sizes are 64-bit and in minimal hexadecimal.</summary>
internal static class ChunkWriter
{
    /// <summary>Sixteen digits and CRLF.</summary>
    public const int MaxHeaderBytes = 18;

    /// <summary>Follows the data of every chunk.</summary>
    public static ReadOnlySpan<byte> DataEnd => "\r\n"u8;

    /// <summary>Ends a body without trailers.</summary>
    public static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <returns>Bytes written.</returns>
    public static int WriteHeader(Span<byte> destination, long size)
    {
        Debug.Assert(size > 0, "A chunk of size 0 would end the body.");
        bool fits = Utf8Formatter.TryFormat(size, destination, out int digits, 'x');
        Debug.Assert(fits);
        "\r\n"u8.CopyTo(destination[digits..]);
        return digits + 2;
    }

    /// <summary>Writes the header so that it ends at <paramref name="dataStart"/>.</summary>
    /// <returns>Where it starts.</returns>
    public static int WriteHeaderBefore(Span<byte> block, int dataStart, int size)
    {
        Span<byte> header = stackalloc byte[MaxHeaderBytes];
        int length = WriteHeader(header, size);
        header[..length].CopyTo(block[(dataStart - length)..]);
        return dataStart - length;
    }
}
