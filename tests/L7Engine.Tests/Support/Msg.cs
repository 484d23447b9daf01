using System.Globalization;
using System.Text;

namespace L7Engine.Tests.Support;

/// <summary>Messages as a test writes and reads them.</summary>
internal static class Msg
{
    /// <param name="fields">Further field lines, each with its CRLF.</param>
    public static string Get(string target = "/", string fields = "", string method = "GET") =>
        $"{method} {target} HTTP/1.1\r\nHost: x\r\n{fields}\r\n";

    public static string Post(string body, string fields = "") =>
        $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n{fields}\r\n{body}";

    /// <summary>The head of a POST with a chunked body.</summary>
    public static string PostChunks(string fields = "") =>
        $"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{fields}\r\n";

    public static string Ok(string body = "", string fields = "") =>
        $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{fields}\r\n{body}";

    /// <summary>The head of a response with a chunked body.</summary>
    public static string OkChunks(string fields = "") => $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{fields}\r\n";

    public static string Chunk(string data) => $"{data.Length:x}\r\n{data}\r\n";

    public const string LastChunk = "0\r\n\r\n";

    /// <summary>Text that differs everywhere, so that nothing can be lost, doubled or swapped unseen.</summary>
    public static string Text(int length, int seed = 0)
    {
        var text = new StringBuilder(length + 16);
        for (int i = 0; text.Length < length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{seed}:{i};");
        }

        return text.ToString(0, length);
    }

    /// <summary>The first head of a message, its empty line included.</summary>
    public static string HeadOf(string message) =>
        message[..(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];

    /// <summary>What follows the first head.</summary>
    public static string BodyOf(string message) =>
        message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    /// <summary>The status of the first response; 0 when there is none.</summary>
    public static int StatusOf(string response) =>
        response.Length < 12 ? 0 : int.Parse(response.AsSpan(9, 3), CultureInfo.InvariantCulture);

    /// <summary>The value of a field of the first head, or null.</summary>
    public static string? Field(string message, string name)
    {
        string[] lines = HeadOf(message).Split("\r\n");
        string? line = lines.FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
        return line?[(name.Length + 1)..].Trim();
    }

    /// <summary>The data of a chunked body that must be whole; its trailers are left out.</summary>
    public static string Dechunk(string body)
    {
        var data = new StringBuilder();
        int at = 0;
        while (true)
        {
            int lineEnd = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            int size = int.Parse(body.AsSpan(at, lineEnd - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            at = lineEnd + 2;
            if (size == 0)
            {
                return data.ToString();
            }

            data.Append(body, at, size);
            at += size + 2;
        }
    }
}
