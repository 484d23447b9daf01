using L7Engine.Http;

namespace L7Engine.Proxying;

/// <param name="Output">What to send on, framing included; it lies in the block that was given.</param>
/// <param name="ConsumedBytes">What of the block is used up once the output is sent.</param>
internal readonly record struct RelayedPiece(ReadOnlyMemory<byte> Output, int ConsumedBytes);

/// <summary>
/// Takes the body of one message out of its received framing and puts it into the framing it is sent with.
/// </summary>
/// <remarks>
/// In place: data is not copied; the framing of a piece is written over the framing it arrived in, or into the room
/// that every block has before and behind. A mutable struct: keep it in a field.
/// </remarks>
internal struct BodyRelay
{
    private readonly BodyKind _received;
    private readonly bool _sendsChunks;
    private readonly bool _keepsTrailers;
    private ChunkedDecoder _decoder;
    private long _left;

    public BodyRelay(BodyFraming received, bool sendsChunks, bool keepsTrailers, Limits limits, int maxTrailerFields)
    {
        _received = received.Kind;
        _sendsChunks = sendsChunks;
        _keepsTrailers = keepsTrailers;
        _left = received.Bytes;
        _decoder = new ChunkedDecoder(limits.MaxChunkExtensionBytes, limits.MaxTrailerBytes, maxTrailerFields);
        IsEnd = received.IsEmpty;
    }

    public bool IsEnd { get; private set; }

    /// <summary>What is wrong with the received framing.</summary>
    public readonly HttpFault Fault => _decoder.Fault;

    /// <summary>Body bytes taken so far.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>The bytes still to come, or null when only the framing will tell.</summary>
    public readonly long? LeftBytes => IsEnd ? 0 : _received == BodyKind.Length ? _left : null;

    /// <summary>True when the end of the stream is the end of the body.</summary>
    public readonly bool EndsWithStream => _received == BodyKind.UntilClose;

    /// <summary>Takes what a block holds.</summary>
    /// <param name="block">The received bytes; the array has head room before them and tail room behind.</param>
    /// <param name="isLast">The stream has ended: nothing will follow.</param>
    /// <param name="scratch">At least the size of the block; used within this call.</param>
    public RelayedPiece Next(ArraySegment<byte> block, bool isLast, Span<byte> scratch) => _received switch
    {
        _ when IsEnd => default,
        BodyKind.Length => TakeLength(block),
        BodyKind.Chunked => TakeChunks(block, scratch),
        _ => TakeUntilClose(block, isLast),
    };

    private RelayedPiece TakeLength(ArraySegment<byte> block)
    {
        int taken = (int)Math.Min(_left, block.Count);
        _left -= taken;
        BodyBytes += taken;
        IsEnd = _left == 0;
        return new RelayedPiece(block.AsMemory(0, taken), taken);
    }

    private RelayedPiece TakeUntilClose(ArraySegment<byte> block, bool isLast)
    {
        BodyBytes += block.Count;
        IsEnd = isLast;
        if (!_sendsChunks)
        {
            return new RelayedPiece(block, block.Count);
        }

        return new RelayedPiece(Frame(block, 0, block.Count, ChunkWriter.LastChunk, block.Count), block.Count);
    }

    private RelayedPiece TakeChunks(ArraySegment<byte> block, Span<byte> scratch)
    {
        ChunkedStep step = ChunkedCompactor.Compact(ref _decoder, block, out int consumed, out ByteRange data);
        if (step == ChunkedStep.Invalid)
        {
            return default;
        }

        BodyBytes += data.Length;
        IsEnd = step == ChunkedStep.End;
        if (!_sendsChunks)
        {
            return new RelayedPiece(block.AsMemory(data.Start, data.Length), consumed);
        }

        ReadOnlySpan<byte> end = ChunkWriter.LastChunk;
        if (IsEnd && _keepsTrailers)
        {
            // Written aside first: its place overlaps what it is made from.
            end = scratch[..TrailerWriter.Write(_decoder.Trailers.Of(block), scratch)];
        }

        return new RelayedPiece(Frame(block, data.Start, data.Length, end, consumed), consumed);
    }

    /// <summary>Writes the framing around data that lies in the block.</summary>
    /// <remarks>
    /// The room is always there: the header is no longer than the one received or lies in the head room; behind the
    /// data lie the consumed end of its chunk, or the block's tail room. An end without data is placed so that it
    /// stops where consumption stops: what follows may be the next message.
    /// </remarks>
    private readonly ReadOnlyMemory<byte> Frame(
        ArraySegment<byte> block, int dataStart, int dataBytes, ReadOnlySpan<byte> endOfBody, int consumed)
    {
        byte[] array = block.Array ?? [];
        if (dataBytes == 0)
        {
            return IsEnd ? EndAlone(array, block.Offset + consumed, endOfBody) : default;
        }

        int first = block.Offset + dataStart;
        int start = ChunkWriter.WriteHeaderBefore(array, first, dataBytes);
        int next = first + dataBytes;
        ChunkWriter.DataEnd.CopyTo(array.AsSpan(next));
        next += ChunkWriter.DataEnd.Length;
        if (IsEnd)
        {
            endOfBody.CopyTo(array.AsSpan(next));
            next += endOfBody.Length;
        }

        return array.AsMemory(start, next - start);
    }

    private static ReadOnlyMemory<byte> EndAlone(byte[] array, int stop, ReadOnlySpan<byte> endOfBody)
    {
        if (array.Length == 0)
        {
            return LastChunkMemory;
        }

        endOfBody.CopyTo(array.AsSpan(stop - endOfBody.Length));
        return array.AsMemory(stop - endOfBody.Length, endOfBody.Length);
    }

    // For a body that ends where the stream does, with no block to write its end into.
    private static readonly byte[] LastChunkMemory = ChunkWriter.LastChunk.ToArray();
}
