using System.Globalization;
using System.Text;

namespace L7Engine.Tests.Support;

/// <summary>A request that a scripted backend got, and ways to answer it.</summary>
/// <param name="Peer">The connection it came on; what the helpers do not offer is done there.</param>
/// <param name="Number">Requests before it on this connection.</param>
internal sealed record ScriptedRequest(SimPeer Peer, int Number, PlainMessage Message)
{
    public string Method => Message.StartLine.Split(' ')[0];

    public string Target => Message.StartLine.Split(' ')[1];

    public string Body => Message.Body;

    public string? Field(string name) => Message.Field(name);

    /// <param name="fields">More fields, each with its CRLF.</param>
    public void Answer(string body = "", int status = 200, string fields = "") => Peer.Send(
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} x\r\nContent-Length: {body.Length}\r\n")
        + fields + "\r\n" + (Method == "HEAD" ? "" : body));

    /// <summary>Answers with what the request said its id is.</summary>
    public void Echo() => Answer(Field("X-Id") ?? Target);

    public void AnswerChunked(params ReadOnlySpan<string> chunks)
    {
        var text = new StringBuilder("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (string chunk in chunks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n{chunk}\r\n");
        }

        Peer.Send(text.Append("0\r\n\r\n").ToString());
    }

    /// <summary>Answers without a length: the end of the connection ends the body.</summary>
    public void AnswerAndClose(string body)
    {
        Peer.Send("HTTP/1.1 200 x\r\n\r\n" + body);
        Peer.Close();
    }
}
