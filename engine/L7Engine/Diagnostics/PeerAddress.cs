using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L7Engine.Diagnostics;

/// <summary>An IPv4 or IPv6 address, its port and its zone, in 24 bytes and without an object.</summary>
/// <remarks>
/// IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2): a client is the same one whether it came through an
/// IPv4 socket or one for both families, and it is shown as IPv4 either way.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PeerAddress
{
    /// <summary>The longest text of an address: eight groups of four digits.</summary>
    public const int MaxAddressChars = 39;

    // Of Linux; only it hands out raw socket addresses here.
    private const ushort InternetFamily = 2;
    private const ushort InternetV6Family = 10;
    private const int InternetBytes = 8;
    private const int InternetV6Bytes = 28;

    private const ulong MappedPrefix = 0xFFFF_0000_0000;

    // 64:ff9b::/96.
    private const ulong TranslatedPrefix = 0x0064_FF9B_0000_0000;
    private const int MappedPrefixBits = 96;
    private const int AddressBytes = 16;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;

    private PeerAddress(ulong high, ulong low, uint scope, ushort port)
    {
        _high = high;
        _low = low;
        _scope = scope;
        _port = port;
    }

    public ushort Port => _port;

    /// <summary>All of the address as one of IPv6, IPv4 as IPv4-mapped.</summary>
    public UInt128 Bits => new(_high, _low);

    public bool IsIPv4 => _high == 0 && _low >> 32 == MappedPrefix >> 32;

    public static PeerAddress Of(IPEndPoint endPoint)
    {
        IPAddress address = endPoint.Address;
        (ulong high, ulong low) = BitsOf(address);
        uint scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        return new PeerAddress(high, low, scope, (ushort)endPoint.Port);
    }

    /// <param name="bits">As <see cref="Bits"/>.</param>
    public static PeerAddress Of(UInt128 bits, ushort port) => new((ulong)(bits >> 64), (ulong)bits, 0, port);

    /// <summary>Reads a <c>sockaddr_in</c> or <c>sockaddr_in6</c> as the kernel wrote it.</summary>
    /// <returns>The default, <c>[::]:0</c>, for a family that is neither, or for fewer bytes than it needs.</returns>
    public static PeerAddress FromSockAddr(ReadOnlySpan<byte> sockAddr)
    {
        if (sockAddr.Length < InternetBytes)
        {
            return default;
        }

        // The family and the zone are in the machine's byte order, the rest in the network's.
        ushort family = MemoryMarshal.Read<ushort>(sockAddr);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(sockAddr[2..]);
        return family switch
        {
            InternetFamily =>
                new PeerAddress(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(sockAddr[4..]), 0, port),
            InternetV6Family when sockAddr.Length >= InternetV6Bytes => new PeerAddress(
                BinaryPrimitives.ReadUInt64BigEndian(sockAddr[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(sockAddr[16..]),
                MemoryMarshal.Read<uint>(sockAddr[24..]),
                port),
            _ => default,
        };
    }

    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[AddressBytes];
        WriteAddress(bytes);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, _scope), _port);
    }

    /// <summary>Who is behind the address: one IPv4 address, or one network of IPv6.</summary>
    /// <remarks>
    /// An IPv4 client is the same one whichever way its address is written: plain, mapped into IPv6 (RFC 4291 section
    /// 2.5.5.2), or translated by NAT64 (RFC 6052 section 2.1). A host of IPv6 has a whole network to take addresses
    /// from (RFC 6177), so it is the network that counts. Zones and ports mean nothing here.
    /// </remarks>
    /// <param name="ipv6PrefixBits">How much of an IPv6 address names the client: 1 to 64 bits.</param>
    /// <returns>As <see cref="Bits"/>.</returns>
    public UInt128 ClientBits(int ipv6PrefixBits) =>
        IsIPv4 ? Bits
        : _high == TranslatedPrefix && _low <= uint.MaxValue ? new UInt128(0, MappedPrefix | _low)
        : new UInt128(_high & MaskOf(ipv6PrefixBits), 0);

    /// <summary>Whether both are the same host; their ports may differ.</summary>
    public bool HasSameAddress(in PeerAddress other) =>
        _low == other._low && _high == other._high && _scope == other._scope;

    /// <summary>Whether the address is in the network. A network of the other family contains none.</summary>
    public bool IsIn(IPNetwork network)
    {
        (ulong high, ulong low) = BitsOf(network.BaseAddress);
        bool isIPv4Network = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        int prefixBits = network.PrefixLength + (isIPv4Network ? MappedPrefixBits : 0);

        // "::/0" means every IPv6 address, though an IPv4 one is kept in its range.
        return (!IsIPv4 || prefixBits >= MappedPrefixBits)
            && ((_high ^ high) & MaskOf(prefixBits)) == 0
            && ((_low ^ low) & MaskOf(prefixBits - 64)) == 0;
    }

    /// <summary>Writes the address alone, as <c>192.0.2.1</c> or <c>2001:db8::1</c>.</summary>
    /// <remarks>No port, no brackets, and no zone, which means nothing to another host.</remarks>
    /// <returns>False when <paramref name="utf8"/> is too small.</returns>
    public bool TryFormatAddress(Span<byte> utf8, out int written)
    {
        Span<byte> bytes = stackalloc byte[AddressBytes];
        WriteAddress(bytes);
        return IsIPv4 ? AddressText.TryWriteIPv4(bytes[12..], utf8, out written)
            : AddressText.TryWriteIPv6(bytes, utf8, out written);
    }

    public override string ToString() => ToIPEndPoint().ToString();

    private static (ulong High, ulong Low) BitsOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[AddressBytes];
        address.TryWriteBytes(bytes, out int written);
        return written == 4
            ? (0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    private static ulong MaskOf(int bits) => bits switch
    {
        <= 0 => 0,
        >= 64 => ulong.MaxValue,
        _ => ulong.MaxValue << (64 - bits),
    };

    private void WriteAddress(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }
}
