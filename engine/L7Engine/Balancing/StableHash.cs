using System.Buffers.Binary;

namespace L7Engine.Balancing;

/// <summary>A hash that is the same in every process and on every machine, for as long as backends are chosen by it.
/// </summary>
/// <remarks>
/// Spread evenly, but without a secret: who wants to may choose texts that fall together, as they may send one text
/// again and again. Source: the final mix of MurmurHash3 (Austin Appleby), chained over words of eight bytes.
/// </remarks>
internal static class StableHash
{
    private const ulong Start = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(ReadOnlySpan<byte> text)
    {
        ulong hash = Mix(Start ^ (ulong)text.Length);
        while (text.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[sizeof(ulong)..];
        }

        ulong last = 0;
        foreach (byte b in text)
        {
            last = (last << 8) | b;
        }

        return Mix(hash ^ last);
    }

    public static ulong Of(UInt128 bits) => Mix(Mix(Start ^ (ulong)(bits >> 64)) ^ (ulong)bits);

    /// <summary>Every bit of the result depends on every bit of the input, and no two inputs give the same.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xFF51_AFD7_ED55_8CCD;
        x = (x ^ (x >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return x ^ (x >> 33);
    }
}
