using System.Buffers.Binary;

namespace L7Engine.Http;

/// <summary>Reads the PROXY protocol header at the start of a connection, version 1 (text) or 2 (binary).</summary>
/// <remarks>
/// Source: "The PROXY protocol, versions 1 and 2" of HAProxy (doc/proxy-protocol.txt), section 2. Stateless: a short
/// read is retried from the first byte. What can never become a header is invalid at its first wrong byte, where that
/// shows.
/// </remarks>
internal static class ProxyHeaderParser
{
    /// <summary>The longest header that is accepted: of version 2, by choice.</summary>
    public const int MaxBytes = 4_096;

    private const int FixedBytes = 16;
    private const int IPv4Bytes = 12;
    private const int IPv6Bytes = 36;
    private const int UnixBytes = 216;

    // Of the version's half byte, and the command's.
    private const byte Local = 0x20;
    private const byte Proxy = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static ParseStatus Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        return received.IsEmpty ? ParseStatus.NeedMore
            : received[0] == Signature[0] ? ParseBinary(received, out header)
            : ProxyLineParser.Parse(received, out header);
    }

    private static ParseStatus ParseBinary(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        int compared = Math.Min(received.Length, Signature.Length);
        if (!received[..compared].SequenceEqual(Signature[..compared]))
        {
            return ParseStatus.Invalid;
        }

        if (received.Length > 12 && received[12] is not (Local or Proxy))
        {
            return ParseStatus.Invalid;
        }

        if (received.Length < FixedBytes)
        {
            return ParseStatus.NeedMore;
        }

        int addressBytes = BinaryPrimitives.ReadUInt16BigEndian(received[14..]);
        int total = FixedBytes + addressBytes;
        bool isLocal = received[12] == Local;
        if (total > MaxBytes || (!isLocal && addressBytes < LeastAddressBytes(received[13])))
        {
            return ParseStatus.Invalid;
        }

        if (received.Length < total)
        {
            return ParseStatus.NeedMore;
        }

        // What a proxy says of its own connection, or of a family that we do not know, need not be understood.
        int address = isLocal ? addressBytes : LeastAddressBytes(received[13]);
        if (!isLocal && received[13] >> 4 != 0 && !ProxyFields.AreRight(received[..total], FixedBytes + address))
        {
            return ParseStatus.Invalid;
        }

        header = isLocal ? new ProxyHeader(total) : OfAddresses(received[..total]);
        return ParseStatus.Complete;
    }

    /// <returns>More than any header has for a family or protocol that must be refused.</returns>
    private static int LeastAddressBytes(byte kind) => (Family: kind >> 4, Protocol: kind & 15) switch
    {
        (_, > 2) => int.MaxValue,
        (0, _) => 0,
        (1, _) => IPv4Bytes,
        (2, _) => IPv6Bytes,
        (3, _) => UnixBytes,
        _ => int.MaxValue,
    };

    // What came as a datagram, or over a socket of the proxy's own machine, has no address that names a client of ours.
    private static ProxyHeader OfAddresses(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> addresses = header[FixedBytes..];
        return header[13] switch
        {
            0x11 => new ProxyHeader(
                header.Length, true, AddressParser.Mapped(BinaryPrimitives.ReadUInt32BigEndian(addresses)),
                BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
            0x21 => new ProxyHeader(
                header.Length, true, BinaryPrimitives.ReadUInt128BigEndian(addresses),
                BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
            _ => new ProxyHeader(header.Length),
        };
    }
}
