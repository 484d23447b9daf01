using System.Text;

namespace L7Engine.Benchmarks.Http;

/// <summary>What travels, as it is seen in practice.</summary>
internal static class Messages
{
    /// <summary>3 fields, 100 bytes.</summary>
    public static byte[] MinimalRequest { get; } = Bytes(
        "GET /api/v1/customers/17042 HTTP/1.1\r\n"
        + "Host: www.example.com\r\n"
        + "User-Agent: curl/8.5.0\r\n"
        + "Accept: */*\r\n\r\n");

    /// <summary>15 fields, 655 bytes.</summary>
    public static byte[] BrowserRequest { get; } = Bytes(
        "GET /static/app/main.js?v=20260101 HTTP/1.1\r\n"
        + "Host: www.example.com\r\n"
        + "Connection: keep-alive\r\n"
        + "Cache-Control: max-age=0\r\n"
        + "sec-ch-ua: \"Chromium\";v=\"126\", \"Not.A/Brand\";v=\"24\"\r\n"
        + "sec-ch-ua-mobile: ?0\r\n"
        + "sec-ch-ua-platform: \"Linux\"\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
        + "(KHTML, like Gecko) Chrome/126.0 Safari/537.36\r\n"
        + "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
        + "Sec-Fetch-Site: same-origin\r\n"
        + "Sec-Fetch-Mode: no-cors\r\n"
        + "Sec-Fetch-Dest: script\r\n"
        + "Referer: https://www.example.com/index.html\r\n"
        + "Accept-Encoding: gzip, deflate, br\r\n"
        + "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
        + "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n");

    /// <summary>6 fields, 193 bytes.</summary>
    public static byte[] Response { get; } = Bytes(
        "HTTP/1.1 200 OK\r\n"
        + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Type: text/html; charset=utf-8\r\n"
        + "Content-Length: 16384\r\n"
        + "Connection: keep-alive\r\n"
        + "ETag: \"5e15153d-120f\"\r\n"
        + "Cache-Control: max-age=60\r\n\r\n");

    /// <summary>A block as it is received: chunks of the given size and the last one.</summary>
    public static byte[] Chunks(int chunkBytes, int count)
    {
        string chunk = $"{chunkBytes:x}\r\n{new string('d', chunkBytes)}\r\n";
        return Bytes(string.Concat(Enumerable.Repeat(chunk, count)) + "0\r\n\r\n");
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
