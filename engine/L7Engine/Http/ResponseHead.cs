namespace L7Engine.Http;

/// <summary>What a response head says, as offsets into the bytes it was parsed from.</summary>
/// <remarks>Not thread-safe: one per loop, reused for every response, never held across an await.</remarks>
internal sealed class ResponseHead
{
    private StatusLine _line;
    private FramingFields _framing;
    private ConnectionOptions _options;
    private int _upgradeCount;

    /// <summary>Why the response cannot be forwarded; the client is answered 502.</summary>
    public HttpFault Fault { get; private set; }

    /// <summary>The head with its final CRLF CRLF; 0 until all of it has arrived.</summary>
    public int TotalBytes { get; private set; }

    public int Status => _line.Status;

    /// <summary>The reason phrase; may be empty.</summary>
    public ByteRange Reason => _line.Reason;

    public HttpVersion Version => _line.Version;

    public BodyFraming Framing { get; private set; }

    /// <summary>What Content-Length says, whether or not it frames a body; -1 when absent.</summary>
    public long ContentLength => _framing.ContentLength;

    /// <summary>True for 1xx but 101: another head follows (RFC 9110 section 15.2).</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    public bool HasCloseOption => _options.HasClose;

    public bool HasKeepAliveOption => _options.HasKeepAlive;

    /// <summary>True when the backend keeps its connection open after this response (RFC 9112 section 9.3).</summary>
    public bool BackendKeepsOpen => Framing.Kind != BodyKind.UntilClose && Status != 101 && !HasCloseOption
        && (Version == HttpVersion.Http11 || HasKeepAliveOption);

    /// <summary>For how long the backend says that it keeps the connection when it is idle; 0 when it does not say.
    /// </summary>
    public int KeepAliveSeconds { get; private set; }

    /// <summary>True when a Date is forwarded, so that ours is not needed (RFC 9110 section 6.6.1).</summary>
    public bool HasDate { get; private set; }

    /// <summary>True with <c>Connection: upgrade</c>.</summary>
    public bool HasUpgradeOption => _options.HasUpgrade;

    /// <summary>The value of the only Upgrade field; empty when there is none or more than one.</summary>
    public ByteRange UpgradeProtocol { get; private set; }

    public FieldTable Fields { get; } = new();

    /// <summary>Reads the head at the start of what was received, from its first byte, whatever was known
    /// before.</summary>
    /// <param name="requestMethod">Method of the request that this answers: HEAD has no body.</param>
    /// <returns><see cref="ParseStatus.Invalid"/> as soon as the bytes prove it.</returns>
    public ParseStatus Parse(ReadOnlySpan<byte> received, KnownMethod requestMethod, in HeadLimits limits)
    {
        Clear(limits.MaxConnectionOptions);

        // What lies past the limit is not looked at, so that the fault does not depend on how much has arrived.
        bool isFull = received.Length >= limits.MaxHeadBytes;
        ParseStatus status = ParseHead(isFull ? received[..limits.MaxHeadBytes] : received, requestMethod, limits);
        if (status == ParseStatus.NeedMore && isFull)
        {
            Fault = HttpFault.HeadTooLarge;
            return ParseStatus.Invalid;
        }

        return status;
    }

    private void Clear(int maxConnectionOptions)
    {
        Fault = HttpFault.None;
        TotalBytes = 0;
        Framing = default;
        HasDate = false;
        KeepAliveSeconds = 0;
        UpgradeProtocol = default;
        _line = default;
        _framing = new FramingFields();
        _options = new ConnectionOptions(maxConnectionOptions, isRequest: false);
        _upgradeCount = 0;
        Fields.Clear();
    }

    private ParseStatus ParseHead(ReadOnlySpan<byte> head, KnownMethod requestMethod, in HeadLimits limits)
    {
        ParseStatus status = StatusLineParser.Parse(head, limits.MaxStartLineBytes, out _line, out HttpFault fault);
        if (status == ParseStatus.Complete)
        {
            status = FieldSectionParser.Parse(head, _line.End, limits.MaxFields, Fields, out int end, out fault);
            if (status == ParseStatus.Complete)
            {
                fault = Judge(head, requestMethod);
                TotalBytes = fault == HttpFault.None ? end : 0;
            }
        }

        Fault = fault;
        return fault == HttpFault.None ? status : ParseStatus.Invalid;
    }

    /// <summary>The rules about what the lines say. Framing fields are checked even where there is no body.</summary>
    private HttpFault Judge(ReadOnlySpan<byte> head, KnownMethod requestMethod)
    {
        for (int i = 0; i < Fields.Count; i++)
        {
            HttpFault fault = Fields[i].Field == KnownField.Other ? HttpFault.None : Read(head, Fields[i]);
            if (fault != HttpFault.None)
            {
                return fault;
            }
        }

        int date = Fields.IndexOf(KnownField.Date);
        HasDate = date >= 0 && !Fields.IsNominated(date);

        // RFC 9112 section 6.3, rules 1 and 8.
        bool hasNoBody = requestMethod == KnownMethod.Head || Status is < 200 or 204 or 304;
        HttpFault together = _framing.Check(Version);
        Framing = hasNoBody || together != HttpFault.None
            ? new BodyFraming(BodyKind.None)
            : _framing.Decide(withoutEither: BodyKind.UntilClose);
        return together;
    }

    private HttpFault Read(ReadOnlySpan<byte> head, in FieldLine line)
    {
        ReadOnlySpan<byte> value = line.Value.Of(head);
        switch (line.Field)
        {
            case KnownField.ContentLength:
                return _framing.AddContentLength(value);
            case KnownField.TransferEncoding:
                return _framing.AddTransferEncoding(value);
            case KnownField.Connection:
                return _options.Add(head, value, Fields);
            case KnownField.FramingLookalike:
                return HttpFault.MisleadingFieldName;
            case KnownField.KeepAlive:
                KeepAliveSeconds = KeepAliveTerms.TimeoutIn(value);
                return HttpFault.None;
            case KnownField.Upgrade:
                UpgradeProtocol = ++_upgradeCount == 1 ? line.Value : default;
                return HttpFault.None;
            default:
                return HttpFault.None;
        }
    }
}
