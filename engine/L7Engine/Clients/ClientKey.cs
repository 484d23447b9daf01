using System.Security.Cryptography;
using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>Who a client is where connections are counted: one IPv4 address, or one network of IPv6.</summary>
/// <remarks>
/// An IPv4 client is the same one whichever way its address is written: plain, mapped into IPv6 (RFC 4291 section
/// 2.5.5.2), or translated by NAT64 (RFC 6052 section 2.1). A host of IPv6 has a whole network to take addresses from
/// (RFC 6177), so it is the network that counts. Zones and ports mean nothing here.
/// </remarks>
internal readonly record struct ClientKey
{
    // 64:ff9b::/96.
    private const ulong TranslatedPrefix = 0x0064_FF9B_0000_0000;
    private const ulong MappedPrefix = 0xFFFF_0000_0000;

    // Drawn once a process: nobody outside can choose addresses that fall into one place of a table.
    private static readonly ulong FirstSeed = RandomSeed();
    private static readonly ulong SecondSeed = RandomSeed();
    private static readonly ulong LastSeed = RandomSeed();

    private readonly ulong _high;
    private readonly ulong _low;

    private ClientKey(ulong high, ulong low) => (_high, _low) = (high, low);

    /// <summary>Spread evenly over all 64 bits, and different in every process.</summary>
    public ulong Hash => Fold(Fold(_high ^ FirstSeed, _low ^ SecondSeed), LastSeed);

    /// <param name="ipv6PrefixBits">How much of an IPv6 address names the client: 48 to 64 bits.</param>
    public static ClientKey Of(in PeerAddress address, int ipv6PrefixBits)
    {
        ulong high = (ulong)(address.Bits >> 64);
        ulong low = (ulong)address.Bits;
        return address.IsIPv4 ? new ClientKey(0, low)
            : high == TranslatedPrefix && low <= uint.MaxValue ? new ClientKey(0, MappedPrefix | low)
            : new ClientKey(high & (ulong.MaxValue << (64 - ipv6PrefixBits)), 0);
    }

    public override int GetHashCode() => (int)Hash;

    // All bits of a product of 128 bits, in 64.
    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;

    private static ulong RandomSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;
    }
}
