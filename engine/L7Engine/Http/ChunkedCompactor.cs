namespace L7Engine.Http;

/// <summary>Decodes what one block holds and joins the data, so that it is sent on as one chunk.</summary>
internal static class ChunkedCompactor
{
    public static ChunkedStep Compact(ref ChunkedDecoder decoder, Span<byte> block, out int consumed, out ByteRange data) =>
        decoder.Step(block, out consumed, out data);
}
