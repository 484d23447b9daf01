namespace L7Engine.Http;

/// <summary>Reads a PROXY protocol header of version 1: one line of text.</summary>
/// <remarks>Source: "The PROXY protocol, versions 1 and 2" of HAProxy, section 2.1. Stateless.</remarks>
internal static class ProxyLineParser
{
    /// <summary>The longest line, with its CRLF.</summary>
    public const int MaxBytes = 107;

    private static ReadOnlySpan<byte> Start => "PROXY "u8;

    public static ParseStatus Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        int compared = Math.Min(received.Length, Start.Length);
        if (!received[..compared].SequenceEqual(Start[..compared]))
        {
            return ParseStatus.Invalid;
        }

        int lineBytes = received.IndexOfAny((byte)'\r', (byte)'\n');
        if ((lineBytes < 0 ? received.Length : lineBytes) > MaxBytes - 2)
        {
            return ParseStatus.Invalid;
        }

        if (lineBytes < 0 || (received[lineBytes] == '\r' && received.Length == lineBytes + 1))
        {
            return ParseStatus.NeedMore;
        }

        // Neither byte ends the line alone.
        return received[lineBytes..].StartsWith("\r\n"u8) && TryRead(received[Start.Length..lineBytes], out header)
            ? ParseStatus.Complete
            : ParseStatus.Invalid;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out ProxyHeader header)
    {
        int total = Start.Length + text.Length + 2;
        header = new ProxyHeader(total);

        // What follows UNKNOWN is to be ignored, whatever it is.
        ReadOnlySpan<byte> family = TakeWord(ref text);
        if (family.SequenceEqual("UNKNOWN"u8))
        {
            return true;
        }

        bool isIPv4 = family.SequenceEqual("TCP4"u8);
        if (!isIPv4 && !family.SequenceEqual("TCP6"u8))
        {
            return false;
        }

        bool isRead = TryReadAddress(TakeWord(ref text), isIPv4, out UInt128 source)
            & TryReadAddress(TakeWord(ref text), isIPv4, out _)
            & AddressParser.TryReadNumber(TakeWord(ref text), ushort.MaxValue, out int sourcePort);
        header = new ProxyHeader(total, true, source, (ushort)sourcePort);
        return isRead && AddressParser.TryReadNumber(text, ushort.MaxValue, out _);
    }

    /// <summary>Cuts off what stands before the next space, or all of it.</summary>
    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return word;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool isIPv4, out UInt128 address) =>
        AddressParser.TryRead(text, out address) && text.Contains((byte)':') != isIPv4;
}
