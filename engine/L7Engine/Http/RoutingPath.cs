namespace L7Engine.Http;

/// <summary>Makes the copy of a path that routes are matched on. What is sent stays as the client wrote it.</summary>
internal static class RoutingPath
{
    /// <param name="destination">At least one byte longer than <paramref name="target"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Normalise(ReadOnlySpan<byte> target, Span<byte> destination)
    {
        target.CopyTo(destination);
        return target.Length;
    }
}
