namespace L7Engine.Http;

/// <summary>What a response head says, as offsets into the bytes it was parsed from.</summary>
/// <remarks>Not thread-safe: one per loop, reused for every response, never held across an await.</remarks>
internal sealed class ResponseHead
{
    public HttpFault Fault { get; private set; }

    /// <summary>The head with its final CRLF CRLF.</summary>
    public int TotalBytes { get; private set; }

    public int Status { get; private set; }

    public ByteRange Reason { get; private set; }

    public HttpVersion Version { get; private set; }

    public BodyFraming Framing { get; private set; }

    /// <summary>What Content-Length says, whether or not it frames a body; -1 when absent.</summary>
    public long ContentLength { get; private set; }

    /// <summary>True for 1xx but 101: another head follows (RFC 9110 section 15.2).</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    public bool HasCloseOption { get; private set; }

    public bool HasKeepAliveOption { get; private set; }

    /// <summary>True when the backend keeps its connection open after this response (RFC 9112 section 9.3).</summary>
    public bool BackendKeepsOpen { get; private set; }

    public bool HasDate { get; private set; }

    public ByteRange UpgradeProtocol { get; private set; }

    public FieldTable Fields { get; } = new();

    public ParseStatus Parse(ReadOnlySpan<byte> received, KnownMethod requestMethod, in HeadLimits limits)
    {
        Fields.Clear();
        Fault = HttpFault.None;
        return received.Length > limits.MaxHeadBytes ? ParseStatus.Invalid : ParseStatus.NeedMore;
    }
}
