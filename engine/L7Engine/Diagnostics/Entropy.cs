using System.Buffers.Binary;

namespace L7Engine.Diagnostics;

/// <summary>Random bits of the operating system that nobody outside can foresee: for seeds and tokens, not for keys.
/// </summary>
/// <remarks>
/// They come from what <see cref="Guid.NewGuid"/> asks the system for. <c>RandomNumberGenerator</c> would load OpenSSL,
/// and 3.6 MB of memory, into a process that needs nothing else of it.
/// </remarks>
internal static class Entropy
{
    /// <summary>64 random bits.</summary>
    public static ulong Next() => ((ulong)Half() << 32) | Half();

    /// <summary>16 random hexadecimal digits, in lower case.</summary>
    public static string NextHex() => Next().ToString("x16", null);

    // The last bytes of a GUID of version 4 are random, all of them (RFC 9562 section 5.4).
    private static uint Half()
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
    }
}
