namespace L7Engine.Http;

/// <summary>Reads the line before each chunk, byte by byte: size, extensions, CRLF (RFC 9112 section 7.1).</summary>
/// <remarks>
/// Extensions are read only to be sure where the line ends, and then forgotten: they are never passed on. The whole
/// grammar is checked, quoted strings too, because recipients differ in where they believe a malformed one to end.
/// </remarks>
internal struct ChunkLineParser(int maxExtensionBytes)
{
    /// <summary>Fifteen significant digits; one more would leave no room for the arithmetic of others.</summary>
    private const long MaxSizeBeforeLastDigit = (1L << 56) - 1;

    private const int MaxDigits = 32;

    private Place _place;
    private int _digits;
    private int _extensionBytes;

    private enum Place : byte
    {
        Start,
        Size,
        SpaceAfterSize,
        ExtensionStart,
        Name,
        SpaceAfterName,
        ValueStart,
        TokenValue,
        QuotedValue,
        QuotedPair,
        SpaceAfterValue,
        QuotedEnd,
        LineFeed,
    }

    /// <summary>Bytes of data that follow the line; meaningful when complete.</summary>
    public long Size { get; private set; }

    /// <summary>Takes the next byte of the line. After Complete the next one begins a new line.</summary>
    public ParseStatus Add(byte next, out HttpFault fault)
    {
        fault = HttpFault.None;
        switch (_place)
        {
            case Place.Start or Place.Size:
                fault = AddToSize(next);
                break;
            case Place.LineFeed:
                _place = Place.Start;
                fault = next == '\n' ? HttpFault.None : HttpFault.BareCarriageReturn;
                return fault == HttpFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
            default:
                fault = AddToExtension(next);
                break;
        }

        return fault == HttpFault.None ? ParseStatus.NeedMore : ParseStatus.Invalid;
    }

    private HttpFault AddToSize(byte next)
    {
        if (_place == Place.Start)
        {
            Size = 0;
            _digits = 0;
        }

        if (char.IsAsciiHexDigit((char)next))
        {
            return AddDigit(next);
        }

        if (_place == Place.Start)
        {
            return next == '\n' ? HttpFault.BareLineFeed : HttpFault.BadChunkSize;
        }

        _place = next switch
        {
            (byte)'\r' => Place.LineFeed,
            (byte)';' => Place.ExtensionStart,
            (byte)' ' or (byte)'\t' => Place.SpaceAfterSize,
            _ => Place.Start,
        };
        return _place switch
        {
            Place.Start => next == '\n' ? HttpFault.BareLineFeed : HttpFault.BadChunkSize,
            Place.LineFeed => HttpFault.None,
            _ => CountExtensionByte(),
        };
    }

    private HttpFault AddDigit(byte digit)
    {
        _place = Place.Size;
        if (Size > MaxSizeBeforeLastDigit || ++_digits > MaxDigits)
        {
            return HttpFault.ChunkSizeOverflow;
        }

        Size = (Size << 4) | (long)(uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        return HttpFault.None;
    }

    private HttpFault AddToExtension(byte next)
    {
        if (next == '\r' && _place is Place.Name or Place.TokenValue or Place.QuotedEnd)
        {
            _place = Place.LineFeed;
            return HttpFault.None;
        }

        if (HttpBytes.Controls.Contains(next))
        {
            return FieldLineParser.ControlFault(next);
        }

        return TryMove(next) ? CountExtensionByte() : HttpFault.BadChunkExtension;
    }

    /// <summary>One step through *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ).</summary>
    private bool TryMove(byte next)
    {
        bool isSpace = HttpBytes.IsOptionalSpace(next);
        bool isToken = HttpBytes.Token.Contains(next);
        Place? place = (_place, next) switch
        {
            (Place.QuotedValue, (byte)'"') => Place.QuotedEnd,
            (Place.QuotedValue, (byte)'\\') => Place.QuotedPair,
            (Place.QuotedValue or Place.QuotedPair, _) => Place.QuotedValue,
            (Place.ExtensionStart or Place.Name, _) when isToken => Place.Name,
            (Place.ValueStart or Place.TokenValue, _) when isToken => Place.TokenValue,
            (Place.ValueStart, (byte)'"') => Place.QuotedValue,
            (Place.Name or Place.SpaceAfterName, (byte)'=') => Place.ValueStart,
            (Place.ExtensionStart or Place.ValueStart, _) when isSpace => _place,
            (Place.ExtensionStart or Place.ValueStart, _) => null,
            (_, (byte)';') => Place.ExtensionStart,
            (Place.Name, _) when isSpace => Place.SpaceAfterName,
            (Place.TokenValue or Place.QuotedEnd, _) when isSpace => Place.SpaceAfterValue,
            (_, _) when isSpace => _place,
            _ => null,
        };

        _place = place ?? _place;
        return place is not null;
    }

    private HttpFault CountExtensionByte() =>
        ++_extensionBytes > maxExtensionBytes ? HttpFault.ChunkExtensionsTooLong : HttpFault.None;
}
