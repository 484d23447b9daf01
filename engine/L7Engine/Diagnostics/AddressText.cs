using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace L7Engine.Diagnostics;

/// <summary>Writes addresses as text without an object.</summary>
/// <remarks>Source: RFC 5952 section 4: lower case, no leading zeros, the first longest run of zeros as "::".</remarks>
internal static class AddressText
{
    private const int Groups = 8;

    public static bool TryWriteIPv4(ReadOnlySpan<byte> address, Span<byte> utf8, out int written) => Utf8.TryWrite(
        utf8, CultureInfo.InvariantCulture, $"{address[0]}.{address[1]}.{address[2]}.{address[3]}", out written);

    public static bool TryWriteIPv6(ReadOnlySpan<byte> address, Span<byte> utf8, out int written)
    {
        (int zerosStart, int zerosEnd) = LongestZeros(address);
        written = 0;
        int group = 0;
        while (group < Groups)
        {
            // The group before the run has written the first of its two colons, where there is one.
            bool isRun = group == zerosStart;
            bool fits = isRun
                ? TryAdd(group == 0 ? "::"u8 : ":"u8, utf8, ref written)
                : TryAddGroup(GroupAt(address, group), isLast: group == Groups - 1, utf8, ref written);
            if (!fits)
            {
                return false;
            }

            group = isRun ? zerosEnd : group + 1;
        }

        return true;
    }

    private static (int Start, int End) LongestZeros(ReadOnlySpan<byte> address)
    {
        // Begun with a run of one that is nowhere: a single group of zeros is not shortened.
        (int start, int end) = (-1, 0);
        int runStart = 0;
        for (int group = 0; group < Groups; group++)
        {
            if (GroupAt(address, group) != 0)
            {
                runStart = group + 1;
            }
            else if (group + 1 - runStart > end - start)
            {
                (start, end) = (runStart, group + 1);
            }
        }

        return (start, end);
    }

    private static bool TryAddGroup(ushort value, bool isLast, Span<byte> utf8, ref int written)
    {
        if (!value.TryFormat(utf8[written..], out int digits, "x", CultureInfo.InvariantCulture))
        {
            return false;
        }

        written += digits;
        return isLast || TryAdd(":"u8, utf8, ref written);
    }

    private static bool TryAdd(ReadOnlySpan<byte> text, Span<byte> utf8, ref int written)
    {
        if (!text.TryCopyTo(utf8[written..]))
        {
            return false;
        }

        written += text.Length;
        return true;
    }

    private static ushort GroupAt(ReadOnlySpan<byte> address, int group) =>
        BinaryPrimitives.ReadUInt16BigEndian(address[(2 * group)..]);
}
