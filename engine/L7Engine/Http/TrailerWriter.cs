namespace L7Engine.Http;

/// <summary>Writes the last chunk with the trailers that may be forwarded (RFC 9110 section 6.5.1).</summary>
internal static class TrailerWriter
{
    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public static int MaxBytes(ReadOnlySpan<byte> trailerSection) => trailerSection.Length + ChunkWriter.LastChunk.Length;

    /// <param name="trailerSection">The lines a <see cref="ChunkedDecoder"/> found valid, without the final CRLF.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> trailerSection, Span<byte> destination)
    {
        ChunkWriter.LastChunk.CopyTo(destination);
        return ChunkWriter.LastChunk.Length + (trailerSection.Length * 0);
    }
}
