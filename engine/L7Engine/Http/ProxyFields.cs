using System.Buffers.Binary;
using System.Numerics;

namespace L7Engine.Http;

/// <summary>The additional fields of a PROXY protocol header of version 2: a type, a length, a value each.</summary>
/// <remarks>
/// Source: doc/proxy-protocol.txt of HAProxy, section 2.2 (each must end within the header) and 2.2.3 (the checksum,
/// where there is one, must be right; network load balancers of clouds send one). What the others say is not used.
/// </remarks>
internal static class ProxyFields
{
    private const int HeadBytes = 3;
    private const byte Checksum = 0x03;
    private const int ChecksumBytes = sizeof(uint);

    /// <param name="header">All of it, from its first byte on.</param>
    /// <param name="start">Where the first field begins.</param>
    public static bool AreRight(ReadOnlySpan<byte> header, int start)
    {
        int at = start;
        while (at < header.Length)
        {
            if (header.Length - at < HeadBytes)
            {
                return false;
            }

            byte type = header[at];
            int bytes = BinaryPrimitives.ReadUInt16BigEndian(header[(at + 1)..]);
            at += HeadBytes;
            if (bytes > header.Length - at || (type == Checksum && !IsChecksum(header, at, bytes)))
            {
                return false;
            }

            at += bytes;
        }

        return true;
    }

    // Of the whole header, with zeros where the checksum itself is.
    private static bool IsChecksum(ReadOnlySpan<byte> header, int at, int bytes)
    {
        if (bytes != ChecksumBytes)
        {
            return false;
        }

        uint sum = Add(uint.MaxValue, header[..at]);
        sum = BitOperations.Crc32C(sum, 0u);
        sum = ~Add(sum, header[(at + ChecksumBytes)..]);
        return sum == BinaryPrimitives.ReadUInt32BigEndian(header[at..]);
    }

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            sum = BitOperations.Crc32C(sum, b);
        }

        return sum;
    }
}
