using System.Text;

namespace L7Engine.Http;

/// <summary>What a request head says, as offsets into the bytes it was parsed from.</summary>
/// <remarks>Not thread-safe: one per loop, reused for every request, never held across an await.</remarks>
internal sealed class RequestHead
{
    private RequestLine _line;
    private RequestTarget _target;
    private RequestFields _fields;

    public HttpFault Fault { get; private set; }

    /// <summary>2 when one leading CRLF was skipped, otherwise 0 (RFC 9112 section 2.2).</summary>
    public int LeadingBytes { get; private set; }

    /// <summary>The head with its final CRLF CRLF and <see cref="LeadingBytes"/>; 0 until all of it has
    /// arrived.</summary>
    public int TotalBytes { get; private set; }

    public KnownMethod Method { get; private set; }

    public ByteRange MethodBytes => _line.Method;

    public ByteRange Target => _line.Target;

    public TargetForm Form => _target.Form;

    public HttpVersion Version => _line.Version;

    /// <summary>Host and port: the target's in absolute-form, else Host's. Empty only in HTTP/1.0 without
    /// Host.</summary>
    public ByteRange Authority => _target.Authority.IsEmpty ? _fields.Host : _target.Authority;

    /// <summary>What is sent on. Begins with "?" where an absolute-form target has a query and no path.</summary>
    public ByteRange PathAndQuery => _target.PathAndQuery;

    /// <summary>True for <c>OPTIONS *</c>, and for OPTIONS with an absolute-form target without path and
    /// query.</summary>
    public bool IsServerWide => _target.IsServerWide;

    public BodyFraming Framing { get; private set; }

    public bool HasCloseOption => _fields.Options.HasClose;

    public bool HasKeepAliveOption => _fields.Options.HasKeepAlive;

    /// <summary>True when the request may be forwarded as an upgrade to <see cref="UpgradeProtocol"/>.</summary>
    public bool IsUpgrade => Version == HttpVersion.Http11 && Method == KnownMethod.Get && Framing.IsEmpty
        && _fields.Options.HasUpgrade && !UpgradeProtocol.IsEmpty;

    /// <summary>The value of the only Upgrade field; empty when there is none or more than one.</summary>
    public ByteRange UpgradeProtocol => _fields.UpgradeProtocol;

    /// <summary>True when the client waits for 100 (Continue). HTTP/1.0 clients never do (RFC 9110 section
    /// 10.1.1).</summary>
    public bool ExpectsContinue => _fields.ExpectsContinue && Version == HttpVersion.Http11;

    public bool AcceptsTrailers => _fields.AcceptsTrailers && Version == HttpVersion.Http11;

    /// <summary>Hops that are left, or -1 when the field is absent. Only for OPTIONS and TRACE.</summary>
    public int MaxForwards => Method.CountsHops ? _fields.MaxForwards : -1;

    /// <summary>True when the request may be sent twice with the effect of once.</summary>
    public bool IsRepeatable => Method.IsRepeatable;

    public FieldTable Fields { get; } = new();

    /// <summary>Reads the head at the start of what was received, from its first byte, whatever was known
    /// before.</summary>
    /// <returns>
    /// <see cref="ParseStatus.Invalid"/> as soon as the bytes prove it. When <see cref="TotalBytes"/> is not 0 then,
    /// the head was understood and is refused for what it asks, and everything else is set.
    /// </returns>
    public ParseStatus Parse(ReadOnlySpan<byte> received, in HeadLimits limits)
    {
        Clear();
        ParseStatus status = SkipEmptyLine(received);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        // What lies past the limit is not looked at, so that the fault does not depend on how much has arrived.
        int maxBytes = LeadingBytes + limits.MaxHeadBytes;
        bool isFull = received.Length >= maxBytes;
        status = ParseHead(isFull ? received[..maxBytes] : received, limits);
        if (status == ParseStatus.NeedMore && isFull)
        {
            Fault = HttpFault.HeadTooLarge;
            return ParseStatus.Invalid;
        }

        return status;
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

    /// <summary>True when the request carries one Idempotency-Key that is not empty and is passed on.</summary>
    /// <remarks>
    /// Source: draft-ietf-httpapi-idempotency-key-header section 2.1. Looked for only where a route asks for it.
    /// </remarks>
    public bool HasIdempotencyKey(ReadOnlySpan<byte> received)
    {
        int keys = 0;
        bool isGood = true;
        for (int i = 0; i < Fields.Count; i++)
        {
            FieldLine line = Fields[i];
            if (Ascii.EqualsIgnoreCase(line.Name.Of(received), "idempotency-key"u8))
            {
                keys++;
                isGood &= !line.Value.IsEmpty && !Fields.IsNominated(i);
            }
        }

        return keys == 1 && isGood;
    }

    private void Clear()
    {
        Fault = HttpFault.None;
        LeadingBytes = 0;
        TotalBytes = 0;
        Method = KnownMethod.Other;
        Framing = default;
        _line = default;
        _target = default;
        _fields = default;
        Fields.Clear();
    }

    private ParseStatus SkipEmptyLine(ReadOnlySpan<byte> received)
    {
        if (received.IsEmpty)
        {
            return ParseStatus.NeedMore;
        }

        if (received[0] != '\r')
        {
            return ParseStatus.Complete;
        }

        int end = 0;
        ParseStatus status = FieldSectionParser.ParseEmptyLine(received, ref end, out HttpFault fault);
        LeadingBytes = end;
        Fault = fault;
        return status;
    }

    private ParseStatus ParseHead(ReadOnlySpan<byte> head, in HeadLimits limits)
    {
        ParseStatus status = RequestLineParser.Parse(
            head, LeadingBytes, limits.MaxStartLineBytes, out _line, out HttpFault fault);
        if (status == ParseStatus.Complete)
        {
            status = FieldSectionParser.Parse(head, _line.End, limits.MaxFields, Fields, out int end, out fault);
            if (status != ParseStatus.Invalid)
            {
                fault = Judge(head, limits.MaxConnectionOptions);
                fault = fault != HttpFault.None ? fault
                    : status == ParseStatus.Complete ? Conclude(end)
                    : JudgeOpenLine(head[end..]);
            }
        }

        Fault = fault;
        return fault == HttpFault.None ? status : ParseStatus.Invalid;
    }

    /// <summary>The rules about what the lines say, as far as they have arrived.</summary>
    private HttpFault Judge(ReadOnlySpan<byte> head, int maxConnectionOptions)
    {
        Method = KnownMethods.Find(MethodBytes.Of(head));
        if (!TargetParser.TryParse(head, Target, Method, out _target))
        {
            return HttpFault.BadTarget;
        }

        _fields = new RequestFields(maxConnectionOptions);
        HttpFault fault = _fields.Read(head, Fields);
        return fault != HttpFault.None ? fault : _fields.Framing.Check(Version);
    }

    /// <summary>A length that is wrong already will not be righted by the end of its line.</summary>
    private HttpFault JudgeOpenLine(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || KnownFields.Find(line[..colon]) != KnownField.ContentLength)
        {
            return HttpFault.None;
        }

        ReadOnlySpan<byte> value = line[(colon + 1)..].TrimEnd((byte)'\r').Trim(HttpBytes.OptionalSpace);
        HttpFault fault = _fields.Framing.AddContentLength(value);
        return value.IsEmpty && fault == HttpFault.BadContentLength ? HttpFault.None : fault;
    }

    /// <summary>The rules about the head as a whole.</summary>
    private HttpFault Conclude(int end)
    {
        if (_fields.Host.IsEmpty && Version == HttpVersion.Http11)
        {
            return HttpFault.MissingHost;
        }

        Framing = _fields.Framing.Decide(withoutEither: BodyKind.None);
        TotalBytes = end;
        return Refusal();
    }

    /// <summary>Why a request that is understood is not served (RFC 9110 sections 9.3.6, 9.3.8 and 10.1.1).</summary>
    private HttpFault Refusal() => Method switch
    {
        KnownMethod.Connect => HttpFault.ConnectRefused,
        KnownMethod.Trace => HttpFault.TraceRefused,
        _ when MaxForwards < -1 => HttpFault.BadMaxForwards,
        _ when _fields.HasUnknownExpectation && Version == HttpVersion.Http11 => HttpFault.UnknownExpectation,
        _ => HttpFault.None,
    };
}
