namespace L7Engine.Http;

/// <summary>Makes the copy of a path that routes are matched on. What is sent stays as the client wrote it.</summary>
/// <remarks>
/// Source: RFC 3986 section 6.2.2. Unreserved escapes are decoded, once; dot segments are removed and cannot climb
/// above the root; slashes are merged; an escape that is malformed, or of a reserved byte, stays.
/// </remarks>
internal static class RoutingPath
{
    /// <param name="target">Path and query, as <see cref="RequestHead.PathAndQuery"/>.</param>
    /// <param name="destination">At least one byte longer than <paramref name="target"/>.</param>
    /// <returns>Bytes written: a path that begins with "/", without the query; or "*".</returns>
    public static int Normalise(ReadOnlySpan<byte> target, Span<byte> destination)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        if (path is [(byte)'*'])
        {
            destination[0] = (byte)'*';
            return 1;
        }

        // What is written always ends in "/" before a segment, so that a segment is removed by falling back to one.
        destination[0] = (byte)'/';
        int written = 1;
        while (!path.IsEmpty)
        {
            int slash = path.IndexOf((byte)'/');
            ReadOnlySpan<byte> segment = slash < 0 ? path : path[..slash];
            written = WriteSegment(segment, endsInSlash: slash >= 0, destination, written);
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return written;
    }

    private static int WriteSegment(ReadOnlySpan<byte> segment, bool endsInSlash, Span<byte> destination, int start)
    {
        int end = start + Decode(segment, destination[start..]);
        switch (destination[start..end])
        {
            case [] or [(byte)'.']:
                return start;
            case [(byte)'.', (byte)'.']:
                return start == 1 ? 1 : destination[..(start - 1)].LastIndexOf((byte)'/') + 1;
            default:
                if (endsInSlash)
                {
                    destination[end++] = (byte)'/';
                }

                return end;
        }
    }

    private static int Decode(ReadOnlySpan<byte> segment, Span<byte> destination)
    {
        int written = 0;
        for (int i = 0; i < segment.Length; i++)
        {
            byte b = segment[i];
            if (b == '%' && TryDecode(segment[i..], out byte decoded))
            {
                b = decoded;
                i += 2;
            }

            destination[written++] = b;
        }

        return written;
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, out byte decoded)
    {
        decoded = 0;
        if (text.Length < 3 || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2]))
        {
            return false;
        }

        decoded = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
        return char.IsAsciiLetterOrDigit((char)decoded)
            || decoded is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;
}
