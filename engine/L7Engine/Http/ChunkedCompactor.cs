namespace L7Engine.Http;

/// <summary>Decodes what one block holds and joins the data, so that it is sent on as one chunk.</summary>
internal static class ChunkedCompactor
{
    /// <param name="block">What follows the bytes consumed before; data is moved within it, towards its start.</param>
    /// <param name="consumed">Up to the end of what could be used.</param>
    /// <param name="data">All body bytes found, in one range; may be non-empty whatever the result.</param>
    /// <returns>Never <see cref="ChunkedStep.Data"/>: it goes on to NeedMore, End or Invalid.</returns>
    public static ChunkedStep Compact(
        ref ChunkedDecoder decoder, Span<byte> block, out int consumed, out ByteRange data)
    {
        consumed = 0;
        data = default;
        while (true)
        {
            ChunkedStep step = decoder.Step(block[consumed..], out int used, out ByteRange slice);
            if (step == ChunkedStep.Data)
            {
                data = Join(block, data, slice with { Start = slice.Start + consumed });
            }
            else if (step == ChunkedStep.End)
            {
                decoder.ShiftTrailers(consumed);
            }

            consumed += used;
            if (step != ChunkedStep.Data)
            {
                return step;
            }
        }
    }

    private static ByteRange Join(Span<byte> block, ByteRange data, ByteRange slice)
    {
        if (data.IsEmpty)
        {
            return slice;
        }

        block.Slice(slice.Start, slice.Length).CopyTo(block[data.End..]);
        return data with { Length = data.Length + slice.Length };
    }
}
