namespace L7Engine.Http;

/// <summary>The addresses in the X-Forwarded-For fields of a head, the last first: whoever came last wrote it.
/// </summary>
/// <remarks>
/// Ends at what is no address, and after 32 elements: what stands before them was not written by a proxy of ours. A
/// port behind an address is left out.
/// </remarks>
internal ref struct ForwardedFor(FieldTable fields, ReadOnlySpan<byte> received)
{
    private const int MaxElements = 32;

    private readonly FieldTable _fields = fields;
    private readonly ReadOnlySpan<byte> _received = received;
    private int _line = fields.Count;
    private int _seen;
    private ReadOnlySpan<byte> _rest;

    /// <summary>All of the address as one of IPv6, IPv4 as IPv4-mapped.</summary>
    public UInt128 Current { get; private set; }

    public readonly ForwardedFor GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_seen < MaxElements && (!_rest.IsEmpty || MoveToLineBefore()))
        {
            int comma = _rest.LastIndexOf((byte)',');
            ReadOnlySpan<byte> element = _rest[(comma + 1)..].Trim(HttpBytes.OptionalSpace);
            _rest = comma < 0 ? default : _rest[..comma];
            _seen++;
            if (!element.IsEmpty)
            {
                bool isAddress = AddressParser.TryRead(WithoutPort(element), out UInt128 address);
                Current = address;
                _seen = isAddress ? _seen : MaxElements;
                return isAddress;
            }
        }

        return false;
    }

    /// <summary>Moves to the next line, from the last to the first, that says something.</summary>
    private bool MoveToLineBefore()
    {
        while (_line > 0)
        {
            ref readonly FieldLine line = ref _fields[--_line];
            if (line.Field == KnownField.XForwardedFor && !line.Value.IsEmpty)
            {
                _rest = line.Value.Of(_received);
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> element)
    {
        int colon = element.IndexOf((byte)':');
        if (element[0] == '[')
        {
            int end = element.IndexOf((byte)']');
            return end < 0 || !IsPortOrNothing(element[(end + 1)..]) ? default : element[1..end];
        }

        bool hasPort = colon >= 0 && IsPortOrNothing(element[colon..]);
        return hasPort && element[..colon].Contains((byte)'.') ? element[..colon] : element;
    }

    private static bool IsPortOrNothing(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text[0] == ':' && AddressParser.TryReadNumber(text[1..], ushort.MaxValue, out _));
}
