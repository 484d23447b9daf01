namespace L7Engine.Diagnostics;

/// <summary>Who a client is where connections are counted: one IPv4 address, or one network of IPv6.</summary>
internal readonly record struct ClientKey
{
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
        UInt128 client = address.ClientBits(ipv6PrefixBits);
        return new ClientKey((ulong)(client >> 64), (ulong)client);
    }

    public override int GetHashCode() => (int)Hash;

    // All bits of a product of 128 bits, in 64.
    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;

    private static ulong RandomSeed() => Entropy.Next() | 1;
}
