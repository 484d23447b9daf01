using L7Engine.Http;

namespace L7Engine.Load.Traffic;

/// <summary>Finds the end of one response, and whether it is the right one.</summary>
/// <remarks>A mutable struct: keep it in a field. Not thread-safe.</remarks>
internal struct ResponseReader
{
    private BodyKind _kind;
    private long _left;
    private long _bodyBytes;
    private ChunkedDecoder _chunks;
    private bool _hasHead;
    private bool _isWhole;

    /// <summary>True when the target keeps the connection.</summary>
    public bool KeepsOpen { get; private set; }

    /// <summary>True when every byte of the response was seen.</summary>
    public readonly bool IsWhole => _isWhole;

    /// <summary>Takes what was received.</summary>
    /// <param name="bytes">What the step before left, and what came behind it.</param>
    /// <param name="head">To parse with; one for each thread.</param>
    /// <param name="consumed">How many bytes are used up; the rest is to be given again with more behind it.</param>
    public LoadFailure Take(
        ReadOnlySpan<byte> bytes, RenderedRequest request, ulong id, ResponseHead head, out int consumed)
    {
        consumed = 0;
        while (!_hasHead)
        {
            ParseStatus parsed = head.Parse(bytes[consumed..], request.Method, HeadLimits.OfResponses);
            if (parsed != ParseStatus.Complete)
            {
                return parsed == ParseStatus.Invalid ? LoadFailure.Malformed : LoadFailure.None;
            }

            ReadOnlySpan<byte> headBytes = bytes.Slice(consumed, head.TotalBytes);
            consumed += head.TotalBytes;
            if (!head.IsInterim && Begin(headBytes, request.Kind, id, head) is var failure and not LoadFailure.None)
            {
                return failure;
            }
        }

        return TakeBody(bytes[consumed..], request.Kind, ref consumed);
    }

    /// <summary>The connection has ended: so has a body that only this ends.</summary>
    public LoadFailure TakeEnd(RequestKind kind)
    {
        _isWhole = _hasHead && _kind == BodyKind.UntilClose;
        return _isWhole ? CheckLength(kind) : LoadFailure.ClosedEarly;
    }

    private LoadFailure Begin(ReadOnlySpan<byte> bytes, RequestKind kind, ulong id, ResponseHead head)
    {
        _hasHead = true;
        (_kind, _left) = (head.Framing.Kind, head.Framing.Bytes);
        _chunks = new ChunkedDecoder(4 * 1024, 8 * 1024, 100);
        KeepsOpen = head.BackendKeepsOpen;
        return head.Status != kind.ExpectedStatus ? LoadFailure.WrongStatus
            : kind.EchoesId && !HasId(bytes, id, head) ? LoadFailure.WrongId
            : LoadFailure.None;
    }

    private LoadFailure TakeBody(ReadOnlySpan<byte> bytes, RequestKind kind, ref int consumed)
    {
        if (_kind == BodyKind.Chunked)
        {
            return TakeChunks(bytes, kind, ref consumed);
        }

        int taken = _kind == BodyKind.UntilClose ? bytes.Length : (int)Math.Min(_left, bytes.Length);
        consumed += taken;
        _bodyBytes += taken;
        _left -= _kind == BodyKind.Length ? taken : 0;
        _isWhole = _kind != BodyKind.UntilClose && _left == 0;
        return _isWhole ? CheckLength(kind) : LoadFailure.None;
    }

    private LoadFailure TakeChunks(ReadOnlySpan<byte> bytes, RequestKind kind, ref int consumed)
    {
        while (true)
        {
            ChunkedStep step = _chunks.Step(bytes, out int used, out _);
            consumed += used;
            bytes = bytes[used..];
            switch (step)
            {
                case ChunkedStep.Data:
                    break;
                case ChunkedStep.End:
                    (_isWhole, _bodyBytes) = (true, _chunks.BodyBytes);
                    return CheckLength(kind);
                default:
                    return step == ChunkedStep.Invalid ? LoadFailure.Malformed : LoadFailure.None;
            }
        }
    }

    // The answer to HEAD has none, whatever it announces.
    private readonly LoadFailure CheckLength(RequestKind kind) =>
        kind.ExpectedBytes is { } bytes && kind.Method != "HEAD" && bytes != _bodyBytes
            ? LoadFailure.WrongLength
            : LoadFailure.None;

    private static bool HasId(ReadOnlySpan<byte> bytes, ulong id, ResponseHead head)
    {
        Span<byte> digits = stackalloc byte[RenderedRequest.IdBytes];
        RenderedRequest.Write(id, digits);
        foreach (ref readonly FieldLine line in head.Fields.Lines)
        {
            if (line.Value.Length == digits.Length && line.Value.Of(bytes).SequenceEqual(digits))
            {
                return true;
            }
        }

        return false;
    }
}
