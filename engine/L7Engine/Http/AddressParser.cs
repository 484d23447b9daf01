using System.Globalization;

namespace L7Engine.Http;

/// <summary>Reads IP addresses as text, without an object.</summary>
/// <remarks>
/// Strict, because what one reader takes for another address than the next is a way round a rule: IPv4 as four numbers
/// without leading zeros, IPv6 as in RFC 4291 section 2.2, no zones.
/// </remarks>
internal static class AddressParser
{
    private const int Groups = 8;
    private const int BitsPerGroup = 16;
    private const uint MappedPrefix = 0xFFFF;

    /// <param name="address">All of it as one of IPv6, IPv4 as IPv4-mapped.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out UInt128 address)
    {
        if (text.Contains((byte)':'))
        {
            return TryReadIPv6(text, out address);
        }

        bool isRead = TryReadIPv4(text, out uint ipv4);
        address = Mapped(ipv4);
        return isRead;
    }

    public static UInt128 Mapped(uint ipv4) => ((UInt128)MappedPrefix << 32) | ipv4;

    // Four numbers of one to three digits: 010 could be 8 or 10, and 1.2 could be 1.0.0.2.
    public static bool TryReadIPv4(ReadOnlySpan<byte> text, out uint address)
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

    public static bool TryReadIPv6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
        {
            return TryReadGroups(text, mayEndInIPv4: true, out address, out int count) && count == Groups;
        }

        bool isRead = TryReadGroups(text[..gap], mayEndInIPv4: false, out UInt128 before, out int beforeCount);
        isRead &= TryReadGroups(text[(gap + 2)..], mayEndInIPv4: true, out UInt128 behind, out int behindCount);

        // The gap stands for one group of zeros at least.
        isRead &= beforeCount + behindCount < Groups;
        address = (beforeCount == 0 ? 0 : before << (BitsPerGroup * (Groups - beforeCount))) | behind;
        return isRead;
    }

    /// <summary>Reads a number without leading zeros.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, int max, out int number)
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

    /// <param name="count">How many groups there are; the four numbers of IPv4 are two.</param>
    private static bool TryReadGroups(ReadOnlySpan<byte> text, bool mayEndInIPv4, out UInt128 bits, out int count)
    {
        (bits, count) = (0, 0);
        bool isLast = text.IsEmpty;
        while (!isLast)
        {
            int end = text.IndexOf((byte)':');
            isLast = end < 0;
            ReadOnlySpan<byte> group = isLast ? text : text[..end];
            text = isLast ? default : text[(end + 1)..];
            if (isLast && mayEndInIPv4 && TryReadIPv4(group, out uint ipv4))
            {
                bits = (bits << (2 * BitsPerGroup)) | ipv4;
                count += 2;
            }
            else if (TryReadGroup(group, out ushort value))
            {
                bits = (bits << BitsPerGroup) | value;
                count++;
            }
            else
            {
                return false;
            }
        }

        return count <= Groups;
    }

    private static bool TryReadGroup(ReadOnlySpan<byte> text, out ushort value)
    {
        value = 0;
        return text.Length is >= 1 and <= 4
            && ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
