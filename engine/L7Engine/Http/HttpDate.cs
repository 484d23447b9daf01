using System.Diagnostics;
using System.Globalization;

namespace L7Engine.Http;

/// <summary>Dates as HTTP writes them: <c>Sun, 06 Nov 1994 08:49:37 GMT</c> (RFC 9110 section 5.6.7).</summary>
internal static class HttpDate
{
    public const int Bytes = 29;

    /// <returns>Bytes written: always <see cref="Bytes"/>.</returns>
    public static int Write(DateTimeOffset utc, Span<byte> destination)
    {
        bool fits = utc.TryFormat(destination, out int written, "R", CultureInfo.InvariantCulture);
        Debug.Assert(fits && written == Bytes);
        return written;
    }
}
