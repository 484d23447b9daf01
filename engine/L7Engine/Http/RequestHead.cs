namespace L7Engine.Http;

/// <summary>What a request head says, as offsets into the bytes it was parsed from.</summary>
/// <remarks>Not thread-safe: one per loop, reused for every request, never held across an await.</remarks>
internal sealed class RequestHead
{
    public HttpFault Fault { get; private set; }

    /// <summary>2 when one leading CRLF was skipped, otherwise 0 (RFC 9112 section 2.2).</summary>
    public int LeadingBytes { get; private set; }

    /// <summary>The head with its final CRLF CRLF and <see cref="LeadingBytes"/>.</summary>
    public int TotalBytes { get; private set; }

    public KnownMethod Method { get; private set; }

    public ByteRange MethodBytes { get; private set; }

    public ByteRange Target { get; private set; }

    public TargetForm Form { get; private set; }

    public HttpVersion Version { get; private set; }

    /// <summary>Host and port: the target's in absolute-form, else Host's. Empty only in HTTP/1.0 without Host.</summary>
    public ByteRange Authority { get; private set; }

    /// <summary>What is sent on. Begins with "?" where an absolute-form target has a query and no path.</summary>
    public ByteRange PathAndQuery { get; private set; }

    /// <summary>True for <c>OPTIONS *</c>, and for OPTIONS with an absolute-form target without path and query.</summary>
    public bool IsServerWide { get; private set; }

    public BodyFraming Framing { get; private set; }

    public bool HasCloseOption { get; private set; }

    public bool HasKeepAliveOption { get; private set; }

    /// <summary>True when the request may be forwarded as an upgrade to <see cref="UpgradeProtocol"/>.</summary>
    public bool IsUpgrade { get; private set; }

    /// <summary>The value of the only Upgrade field; empty when there is none or more than one.</summary>
    public ByteRange UpgradeProtocol { get; private set; }

    public bool ExpectsContinue { get; private set; }

    public bool AcceptsTrailers { get; private set; }

    /// <summary>Hops that are left, or -1 when the field is absent. Read only for OPTIONS and TRACE.</summary>
    public int MaxForwards { get; private set; }

    public bool IsRepeatable => Method.IsRepeatable;

    public FieldTable Fields { get; } = new();

    public ParseStatus Parse(ReadOnlySpan<byte> received, in HeadLimits limits)
    {
        Fields.Clear();
        Fault = HttpFault.None;
        return received.Length > limits.MaxHeadBytes ? ParseStatus.Invalid : ParseStatus.NeedMore;
    }

    /// <summary>True when a Via field holds the token: the request has passed through us before.</summary>
    public bool HasViaToken(ReadOnlySpan<byte> received, ReadOnlySpan<byte> token)
    {
        foreach (ref readonly FieldLine line in Fields.Lines)
        {
            if (line.Field == KnownField.Via && line.Value.Of(received).IndexOf(token) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
