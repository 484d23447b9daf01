namespace L7Engine.Http;

/// <summary>What some answers carry besides their text.</summary>
/// <param name="WithAllow">Write Allow (405, and OPTIONS).</param>
/// <param name="RetryAfterSeconds">Write Retry-After when above 0.</param>
/// <param name="KeepAlive">What Keep-Alive says of a connection that stays open.</param>
internal readonly record struct AnswerExtras(
    bool WithAllow = false, int RetryAfterSeconds = 0, KeepAliveTerms KeepAlive = default);

/// <summary>Writes the engine's own answers: fixed text, no byte of the request, no product name.</summary>
internal static class AnswerWriter
{
    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public const int MaxBytes = 512;

    /// <param name="status">200 has no text: it answers OPTIONS.</param>
    /// <param name="date">29 bytes.</param>
    /// <param name="withBody">False for HEAD, whose answer has the length of the text and not the text.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(
        Span<byte> destination,
        int status,
        ReadOnlySpan<byte> date,
        bool close,
        bool withBody,
        AnswerExtras extras = default)
    {
        ReadOnlySpan<byte> reason = Reason(status);
        ReadOnlySpan<byte> text = status == 200 ? default : reason;
        var to = new HeadCursor(destination);
        to.Write("HTTP/1.1 "u8);
        to.Write(status);
        to.WriteField(" "u8, reason);
        to.WriteField("Date: "u8, date);
        if (!text.IsEmpty)
        {
            to.Write("Content-Type: text/plain\r\n"u8);
        }

        to.WriteField("Content-Length: "u8, text.Length);
        WriteExtras(ref to, extras);
        to.WriteKeepAlive(close ? default : extras.KeepAlive);
        to.Write(close ? "Connection: close\r\n\r\n"u8 : "Connection: keep-alive\r\n\r\n"u8);
        to.Write(withBody ? text : default);
        return to.Position;
    }

    private static void WriteExtras(ref HeadCursor to, AnswerExtras extras)
    {
        if (extras.WithAllow)
        {
            to.Write("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"u8);
        }

        if (extras.RetryAfterSeconds > 0)
        {
            to.WriteField("Retry-After: "u8, extras.RetryAfterSeconds);
        }
    }

    /// <remarks>RFC 9110 section 15, RFC 6585, RFC 5842.</remarks>
    private static ReadOnlySpan<byte> Reason(int status) => status switch
    {
        200 => "OK"u8,
        400 => "Bad Request"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        408 => "Request Timeout"u8,
        411 => "Length Required"u8,
        413 => "Content Too Large"u8,
        414 => "URI Too Long"u8,
        417 => "Expectation Failed"u8,
        429 => "Too Many Requests"u8,
        431 => "Request Header Fields Too Large"u8,
        500 => "Internal Server Error"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Gateway Timeout"u8,
        505 => "HTTP Version Not Supported"u8,
        508 => "Loop Detected"u8,
        _ => "Error"u8,
    };
}
