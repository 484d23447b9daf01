using System.Text;

namespace L7Engine.Http;

/// <summary>What the fields of one request head say, as far as the engine acts on it.</summary>
internal struct RequestFields(int maxConnectionOptions)
{
    private int _upgradeCount;

    public FramingFields Framing = new();
    public ConnectionOptions Options = new(maxConnectionOptions, isRequest: true);

    public ByteRange Host { get; private set; }

    public ByteRange UpgradeProtocol { get; private set; }

    public bool ExpectsContinue { get; private set; }

    public bool HasUnknownExpectation { get; private set; }

    public bool AcceptsTrailers { get; private set; }

    public int MaxForwards { get; private set; } = -1;

    /// <returns>The first fault, or <see cref="HttpFault.None"/>.</returns>
    public HttpFault Read(ReadOnlySpan<byte> received, FieldTable fields)
    {
        foreach (ref readonly FieldLine line in fields.Lines)
        {
            if (line.Field != KnownField.Other)
            {
                HttpFault fault = Read(received, line, fields);
                if (fault != HttpFault.None)
                {
                    return fault;
                }
            }
        }

        return HttpFault.None;
    }

    private HttpFault Read(ReadOnlySpan<byte> received, in FieldLine line, FieldTable fields)
    {
        ReadOnlySpan<byte> value = line.Value.Of(received);
        switch (line.Field)
        {
            case KnownField.Host:
                return AddHost(line.Value, value);
            case KnownField.ContentLength:
                return Framing.AddContentLength(value);
            case KnownField.TransferEncoding:
                return Framing.AddTransferEncoding(value);
            case KnownField.Connection:
                return Options.Add(received, value, fields);
            case KnownField.FramingLookalike:
                return HttpFault.MisleadingFieldName;
            case KnownField.Upgrade:
                UpgradeProtocol = ++_upgradeCount == 1 ? line.Value : default;
                return HttpFault.None;
            case KnownField.Expect:
                AddExpectation(value);
                return HttpFault.None;
            case KnownField.TE:
                AddAcceptedCodings(value);
                return HttpFault.None;
            case KnownField.MaxForwards:
                AddMaxForwards(value);
                return HttpFault.None;
            default:
                return HttpFault.None;
        }
    }

    /// <remarks>RFC 9112 section 3.2.</remarks>
    private HttpFault AddHost(ByteRange range, ReadOnlySpan<byte> value)
    {
        if (!Host.IsEmpty)
        {
            return HttpFault.RepeatedHost;
        }

        Host = range;
        return HostSyntax.IsValid(value) ? HttpFault.None : HttpFault.BadHost;
    }

    /// <remarks>RFC 9110 section 10.1.1. Once: two of them are not understood.</remarks>
    private void AddExpectation(ReadOnlySpan<byte> value)
    {
        HasUnknownExpectation |= ExpectsContinue || !Ascii.EqualsIgnoreCase(value, "100-continue"u8);
        ExpectsContinue = !HasUnknownExpectation;
    }

    /// <remarks>RFC 9110 section 10.1.4. Only <c>trailers</c> matters: we accept no transfer coding.</remarks>
    private void AddAcceptedCodings(ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlySpan<byte> coding in new ListElements(value))
        {
            AcceptsTrailers |= Ascii.EqualsIgnoreCase(coding, "trailers"u8);
        }
    }

    /// <remarks>RFC 9110 section 7.6.2. A value past any real path is as good as the greatest.</remarks>
    private void AddMaxForwards(ReadOnlySpan<byte> value)
    {
        const int Invalid = -2;
        int hops = 0;
        foreach (byte b in value)
        {
            if (!char.IsAsciiDigit((char)b))
            {
                MaxForwards = Invalid;
                return;
            }

            hops = Math.Min((hops * 10) + b - '0', 999_999);
        }

        MaxForwards = value.IsEmpty || MaxForwards != -1 ? Invalid : hops;
    }
}
