using System.Text;
using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>Bytes as they travel, from text in which each character is one byte.</summary>
internal static class Wire
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static string TextOf(this ByteRange range, byte[] message) => Text(range.Of(message));

    /// <summary>A request with the given lines after Host, which is <c>a</c>.</summary>
    public static byte[] Request(params string[] lines) => Message("GET / HTTP/1.1", ["Host: a", .. lines]);

    /// <summary>A response with the given lines.</summary>
    public static byte[] Response(params string[] lines) => Message("HTTP/1.1 200 OK", lines);

    public static byte[] Message(string startLine, params string[] lines) =>
        Bytes(string.Concat(lines.Prepend(startLine).Select(line => line + "\r\n")) + "\r\n");

    public static RequestHead Parsed(byte[] message)
    {
        var head = new RequestHead();
        ParseStatus status = head.Parse(message, HeadLimits.OfRequests);
        Assert.That(status, Is.EqualTo(ParseStatus.Complete), $"{head.Fault}: {Text(message)}");
        return head;
    }

    public static ResponseHead ParsedResponse(byte[] message, KnownMethod method = KnownMethod.Get)
    {
        var head = new ResponseHead();
        ParseStatus status = head.Parse(message, method, HeadLimits.OfResponses);
        Assert.That(status, Is.EqualTo(ParseStatus.Complete), $"{head.Fault}: {Text(message)}");
        return head;
    }

    public static HttpFault FaultOf(byte[] message)
    {
        var head = new RequestHead();
        ParseStatus status = head.Parse(message, HeadLimits.OfRequests);
        Assert.That(status, Is.EqualTo(head.Fault == HttpFault.None ? ParseStatus.Complete : ParseStatus.Invalid));
        return head.Fault;
    }

    public static HttpFault FaultOfResponse(byte[] message, KnownMethod method = KnownMethod.Get)
    {
        var head = new ResponseHead();
        ParseStatus status = head.Parse(message, method, HeadLimits.OfResponses);
        Assert.That(status, Is.EqualTo(head.Fault == HttpFault.None ? ParseStatus.Complete : ParseStatus.Invalid));
        return head.Fault;
    }
}
