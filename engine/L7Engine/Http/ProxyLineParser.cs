using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace L7Engine.Http;

/// <summary>Reads a PROXY protocol header of version 1: one line of text.</summary>
/// <remarks>Source: "The PROXY protocol, versions 1 and 2" of HAProxy, section 2.1. Stateless.</remarks>
internal static class ProxyLineParser
{
    /// <summary>The longest line, with its CRLF.</summary>
    public const int MaxBytes = 107;

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

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

    public static UInt128 Mapped(uint ipv4) => 0xFFFF_0000_0000 | (UInt128)ipv4;

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
            & TryReadNumber(TakeWord(ref text), ushort.MaxValue, out int sourcePort);
        header = new ProxyHeader(total, true, source, (ushort)sourcePort);
        return isRead && TryReadNumber(text, ushort.MaxValue, out _);
    }

    /// <summary>Cuts off what stands before the next space, or all of it.</summary>
    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return word;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool isIPv4, out UInt128 address)
    {
        if (!isIPv4)
        {
            return TryReadIPv6(text, out address);
        }

        bool isRead = TryReadIPv4(text, out uint ipv4);
        address = Mapped(ipv4);
        return isRead;
    }

    // Four numbers of one to three digits: 010 could be 8 or 10, and 1.2 could be 1.0.0.2.
    private static bool TryReadIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (int left = 3; left >= 0; left--)
        {
            int end = left > 0 ? text.IndexOf((byte)'.') : text.Length;
            if (end < 0 || !TryReadNumber(text[..end], byte.MaxValue, out int part))
            {
                return false;
            }

            address = (address << 8) | (uint)part;
            text = left > 0 ? text[(end + 1)..] : default;
        }

        return true;
    }

    private static bool TryReadIPv6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        // The parser of the platform also knows brackets, prefixes and zones, none of which belongs here.
        address = 0;
        if (text.ContainsAnyExcept(IPv6Bytes) || !text.Contains((byte)':')
            || !IPAddress.TryParse(text, out IPAddress? parsed))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        bool isWhole = parsed.TryWriteBytes(bytes, out int written) && written == bytes.Length;
        address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return isWhole;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> text, int max, out int number)
    {
        number = 0;
        if (text.Length is 0 or > 5 || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (10 * number) + digit - '0';
        }

        return number <= max;
    }
}
