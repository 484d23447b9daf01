using System.Buffers.Binary;
using System.Security.Cryptography;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Bytes that a number decides: another number, or another place, has others.</summary>
internal static class BytesOf
{
    public const int BlockBytes = 256 * 1_024;

    /// <summary>The bytes of an exchange.</summary>
    public static byte[] Exchange(int id, int count)
    {
        byte[] bytes = new byte[count];
        new Random(id).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Fills a block of an endless stream. Each kilobyte of it names its place.</summary>
    public static void FillBlock(Span<byte> block, long index)
    {
        for (int at = 0; at < block.Length; at += 1_024)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block[at..], (index * BlockBytes) + at);
        }
    }

    /// <summary>The hash of the first blocks of that stream.</summary>
    public static byte[] HashOfBlocks(long count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = NewBlock();
        for (long index = 0; index < count; index++)
        {
            FillBlock(block, index);
            hash.AppendData(block);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Sends the first blocks of that stream, one at a time.</summary>
    public static async Task SendBlocksAsync(WireStream to, long count)
    {
        byte[] block = NewBlock();
        for (long index = 0; index < count; index++)
        {
            FillBlock(block, index);
            await to.SendAsync(block);
        }
    }

    /// <summary>Reads so many bytes and keeps only their hash.</summary>
    public static async Task<byte[]> HashOfAsync(WireStream from, long count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockBytes];
        while (count > 0)
        {
            int read = await from.ReadAsync(block.AsMemory(0, (int)Math.Min(count, block.Length)));
            count -= read > 0 ? read : throw new EndOfStreamException($"The stream ended {count} bytes too early.");
            hash.AppendData(block.AsSpan(0, read));
        }

        return hash.GetHashAndReset();
    }

    private static byte[] NewBlock() => Exchange(id: 1, BlockBytes);
}
