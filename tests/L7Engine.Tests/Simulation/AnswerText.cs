using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Writes the answers of a plan, right ones and wrong ones.</summary>
internal static class AnswerText
{
    public static byte[] ContinueOf(ExchangePlan plan) => Bytes($"HTTP/1.1 100 Continue\r\nX-Id: {plan.Id}\r\n\r\n");

    /// <summary>Interim responses, the final head, and the body.</summary>
    public static byte[] Of(ExchangePlan plan, bool closes, SimRandom random)
    {
        var text = new StringBuilder();
        for (int i = 0; i < plan.Interims; i++)
        {
            text.Append($"HTTP/1.1 103 Early Hints\r\nX-Id: {plan.Id}\r\n\r\n");
        }

        text.Append($"HTTP/1.{(plan.AnswerIsHttp10 ? 0 : 1)} {plan.Status}{(random.Chance(0.5) ? " Some Reason" : " ")}\r\n");
        text.Append($"x-id: {plan.Id}\r\nX-Hop: {plan.Id}\r\nSet-Cookie: a={plan.Id}\r\nSet-Cookie: b={plan.Id}\r\n");
        text.Append(random.Chance(0.1) ? $"X-Pad: {new string('p', random.Next(10_000))}\r\n" : "");
        text.Append(FramingOf(plan)).Append("Connection: X-Hop").Append(OptionsOf(plan, closes)).Append("\r\n\r\n");
        return [.. Bytes(text.ToString()), .. BodyOf(plan, random)];
    }

    public static byte[] IdleAnswer => Bytes("HTTP/1.1 408 Too Late\r\nX-Stale: yes\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    public static byte[] Garbage(SimRandom random) => Bytes(new string('\u0001', 1 + random.Next(300)));

    /// <summary>A head that two readers could take for two things.</summary>
    public static byte[] BothLengths(ExchangePlan plan) => Bytes(
        $"HTTP/1.1 200 OK\r\nX-Id: {plan.Id}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

    private static string FramingOf(ExchangePlan plan) => plan.Status == 101 ? "Upgrade: websocket\r\n"
        : plan.AnswerFraming switch
        {
            Framing.Length => $"Content-Length: {(plan.Status == 204 ? 0 : plan.AnswerBytes)}\r\n",
            Framing.Chunked when plan.Status != 204 => "Transfer-Encoding: chunked\r\n",
            _ => "",
        };

    private static string OptionsOf(ExchangePlan plan, bool closes) => plan.Status == 101 ? ", Upgrade"
        : closes ? ", close"
        : plan.AnswerIsHttp10 ? ", keep-alive"
        : "";

    private static byte[] BodyOf(ExchangePlan plan, SimRandom random)
    {
        if (!plan.AnswerHasBody)
        {
            return [];
        }

        byte[] body = Pattern.Of(plan.Id, Content.Response, plan.AnswerBytes);
        string trailers = plan.AnswerHasTrailers ? $"X-Trailer: {plan.Id}\r\n" : "";
        return plan.AnswerFraming == Framing.Chunked ? ChunkText.Of(body, trailers, random) : body;
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
