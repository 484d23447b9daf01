namespace L7Engine.Tests.Simulation;

/// <summary>Which bytes of an exchange: each kind has its own, so that one taken for another is seen.</summary>
internal enum Content
{
    Request,
    Response,
    TunnelUp,
    TunnelDown,
}

/// <summary>Bytes that belong to one exchange and to no other: any byte of a stranger is seen where it appears.</summary>
internal static class Pattern
{
    public static byte[] Of(int id, Content content, int bytes)
    {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++)
        {
            pattern[i] = At(id, content, i);
        }

        return pattern;
    }

    /// <param name="start">Place of the first of the bytes in the whole content.</param>
    /// <returns>The place of the first byte that is not of this exchange, or -1.</returns>
    public static int FindStranger(ReadOnlySpan<byte> bytes, int id, Content content, int start)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(id, content, start + i))
            {
                return start + i;
            }
        }

        return -1;
    }

    private static byte At(int id, Content content, int index)
    {
        uint mixed = ((uint)((id * 4) + (int)content) * 0x9E3779B1) + ((uint)index * 0x85EBCA6B);
        mixed = (mixed ^ (mixed >> 15)) * 0x2C1B3C6D;
        return (byte)(mixed >> 22);
    }
}
