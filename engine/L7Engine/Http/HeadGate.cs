namespace L7Engine.Http;

/// <summary>Decides whether new bytes can change what is known about an incomplete head.</summary>
/// <remarks>
/// A head is parsed again from its first byte. Parsing on every byte of one that drips in would cost the square of its
/// length; a line end, or a byte that proves it invalid, is always a control byte.
/// </remarks>
internal static class HeadGate
{
    private const int AlwaysBytes = 1024;
    private const int StrideBytes = 4096;

    /// <param name="newBytes">What arrived since the last parse.</param>
    /// <param name="totalBytes">All of the head that has arrived, the new bytes included.</param>
    public static bool IsWorthParsing(ReadOnlySpan<byte> newBytes, int totalBytes)
    {
        // Sizes are limits too: once in a stride the parser looks whether one is passed.
        bool crossesStride = totalBytes / StrideBytes != (totalBytes - newBytes.Length) / StrideBytes;
        return totalBytes <= AlwaysBytes || crossesStride || newBytes.ContainsAny(HttpBytes.Controls);
    }
}
