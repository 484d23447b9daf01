using System.Globalization;
using System.Text;

namespace L7Engine.Tests.Support;

/// <summary>An HTTP/1.x message, taken apart the plainest way: an oracle that shares nothing with the engine.</summary>
/// <param name="Head">Start line and fields as they came, without the empty line; a character a byte.</param>
/// <param name="Body">Without its framing.</param>
/// <param name="TotalBytes">With all of its framing.</param>
internal sealed record PlainMessage(string Head, string Body, int TotalBytes)
{
    private const string HeadEnd = "\r\n\r\n";

    public string StartLine => Head.Split("\r\n")[0];

    /// <summary>The second part of a status line; 0 for a request.</summary>
    public int Status => StartLine.StartsWith("HTTP/", StringComparison.Ordinal)
        ? int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>The value of the field, those of several in one line; null when there is none.</summary>
    public string? Field(string name) => FieldOf(Head, name);

    /// <summary>Cuts the message at the start of what was received.</summary>
    /// <param name="hasEnded">Nothing follows: the end of a response that only the end of the connection ends.</param>
    /// <param name="isBodiless">A response to HEAD, which announces a body and has none.</param>
    /// <returns>Null while it is not whole.</returns>
    public static PlainMessage? TryCut(string received, bool hasEnded = false, bool isBodiless = false)
    {
        int headEnd = received.IndexOf(HeadEnd, StringComparison.Ordinal);
        if (headEnd < 0)
        {
            return null;
        }

        string head = received[..headEnd];
        int start = headEnd + HeadEnd.Length;
        if (isBodiless || IsBodiless(head))
        {
            return new PlainMessage(head, "", start);
        }

        if (FieldOf(head, "Transfer-Encoding") is not null)
        {
            return TryCutChunks(received, head, start);
        }

        bool isResponse = head.StartsWith("HTTP/", StringComparison.Ordinal);
        int length = FieldOf(head, "Content-Length") is { } field ? int.Parse(field, CultureInfo.InvariantCulture)
            : !isResponse ? 0
            : hasEnded ? received.Length - start
            : int.MaxValue - start;
        return received.Length >= start + length
            ? new PlainMessage(head, received.Substring(start, length), start + length)
            : null;
    }

    /// <summary>All whole messages at the start of what was received.</summary>
    public static List<PlainMessage> CutAll(string received, bool hasEnded = false)
    {
        List<PlainMessage> messages = [];
        while (TryCut(received, hasEnded) is { } message)
        {
            messages.Add(message);
            received = received[message.TotalBytes..];
        }

        return messages;
    }

    private static string? FieldOf(string head, string name)
    {
        string[] values =
        [
            .. from line in head.Split("\r\n").Skip(1)
               let colon = line.IndexOf(':', StringComparison.Ordinal)
               where colon > 0 && line[..colon].Equals(name, StringComparison.OrdinalIgnoreCase)
               select line[(colon + 1)..].Trim(),
        ];
        return values.Length > 0 ? string.Join(", ", values) : null;
    }

    private static bool IsBodiless(string head) =>
        head.StartsWith("HTTP/", StringComparison.Ordinal)
        && (head.Split(' ')[1] is "204" or "304" || head.Split(' ')[1].StartsWith('1'));

    private static PlainMessage? TryCutChunks(string received, string head, int start)
    {
        var body = new StringBuilder();
        while (true)
        {
            int lineEnd = received.IndexOf("\r\n", start, StringComparison.Ordinal);
            if (lineEnd < 0)
            {
                return null;
            }

            int size = int.Parse(
                received[start..lineEnd].Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            start = lineEnd + 2;
            if (size == 0)
            {
                return TryCutTrailers(received, head, start, body.ToString());
            }

            if (received.Length < start + size + 2)
            {
                return null;
            }

            body.Append(received, start, size);
            start += size + 2;
        }
    }

    private static PlainMessage? TryCutTrailers(string received, string head, int start, string body)
    {
        int end = received.AsSpan(start).StartsWith("\r\n")
            ? start - 2
            : received.IndexOf(HeadEnd, start, StringComparison.Ordinal);
        return end < 0 ? null : new PlainMessage(head, body, end + HeadEnd.Length);
    }
}
