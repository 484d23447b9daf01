using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9110 sections 6.6.1, 7.6 and 8.6.</summary>
[TestFixture]
internal sealed class ResponseHeadWriterTests
{
    private const string Date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

    private static ReadOnlySpan<byte> DateBytes => "Sun, 06 Nov 1994 08:49:37 GMT"u8;

    [Test]
    public void A_response_keeps_its_fields_in_order_and_gets_our_version()
    {
        byte[] message = Wire.Message(
            "HTTP/1.0 200 Fine", "Set-Cookie: a", "X: y", "Set-Cookie: b", "Content-Length: 05");

        Assert.That(
            Rewritten(message, Sent(BodyKind.Length, 5)),
            Is.EqualTo(
                "HTTP/1.1 200 Fine\r\nSet-Cookie: a\r\nX: y\r\nSet-Cookie: b\r\nContent-Length: 5\r\n" + Date
                + "\r\n"));
    }

    [Test]
    public void A_cookie_of_ours_stands_beside_those_of_the_backend()
    {
        ResponseRewrite rewrite = Sent(BodyKind.Length, 5);
        rewrite.SetCookie = "own=1; Path=/"u8;

        Assert.That(
            Rewritten(Wire.Response("Set-Cookie: a=1", "Content-Length: 5", "Date: x"), rewrite),
            Is.EqualTo(
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nDate: x\r\nContent-Length: 5\r\n"
                + "Set-Cookie: own=1; Path=/\r\n\r\n"));
    }

    [Test]
    public void A_missing_reason_leaves_its_space()
    {
        Assert.That(Rewritten(Wire.Message("HTTP/1.1 204"), default), Is.EqualTo("HTTP/1.1 204 \r\n\r\n"));
    }

    [TestCase("Connection: x-a", "X-A: 1")]
    [TestCase("X: y", "Keep-Alive: timeout=5")]
    [TestCase("X: y", "Proxy-Connection: close")]
    [TestCase("X: y", "Proxy-Authenticate: Basic")]
    [TestCase("X: y", "Upgrade: h2c")]
    [TestCase("X: y", "Trailer: X-T")]
    [TestCase("X: y", "Keep_Alive: timeout=5")]
    public void Fields_for_this_hop_are_removed(string connection, string line)
    {
        string written = Rewritten(Wire.Response(connection, line), Sent(BodyKind.UntilClose));

        Assert.That(written.Split("\r\n"), Does.Not.Contain(line));
    }

    [Test]
    public void A_date_of_the_backend_stays_the_only_one()
    {
        Assert.That(
            Rewritten(Wire.Response("Date: x"), Sent(BodyKind.UntilClose)),
            Is.EqualTo("HTTP/1.1 200 OK\r\nDate: x\r\n\r\n"));
    }

    [TestCase(BodyKind.Chunked, "Transfer-Encoding: chunked\r\n")]
    [TestCase(BodyKind.UntilClose, "")]
    public void A_body_without_length_is_framed_for_the_client(object kind, string expected)
    {
        Assert.That(
            Rewritten(Wire.Response(), Sent((BodyKind)kind)),
            Is.EqualTo("HTTP/1.1 200 OK\r\n" + expected + Date + "\r\n"));
    }

    [TestCase("HTTP/1.1 204 x", false, "")]
    [TestCase("HTTP/1.1 304 x", false, "Content-Length: 5\r\n")]
    [TestCase("HTTP/1.1 200 x", true, "Content-Length: 5\r\n")]
    [TestCase("HTTP/1.1 103 x", false, "")]
    public void A_length_without_body_stays_for_HEAD_and_304_only(string line, bool isHead, string expected)
    {
        byte[] message = Wire.Message(line, "Content-Length: 5", "Date: x");
        ResponseRewrite rewrite = Sent(BodyKind.Length, 7);
        rewrite.IsHeadRequest = isHead;

        Assert.That(Rewritten(message, rewrite), Is.EqualTo(line + "\r\nDate: x\r\n" + expected + "\r\n"));
    }

    [Test]
    public void An_interim_head_carries_nothing_of_ours_about_the_connection()
    {
        ResponseRewrite rewrite = Sent(BodyKind.None);
        rewrite.Close = true;

        Assert.That(
            Rewritten(Wire.Message("HTTP/1.1 103 Early Hints", "Link: </a>", "Connection: close"), rewrite),
            Is.EqualTo("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
    }

    [TestCase(true, true, "Connection: close\r\n\r\n")]
    [TestCase(true, false, "Connection: close\r\n\r\n")]
    [TestCase(false, true, "Keep-Alive: timeout=74\r\nConnection: keep-alive\r\n\r\n")]
    [TestCase(false, false, "GMT\r\n\r\n")]
    public void Persistence_is_announced_as_decided(bool close, bool announce, string expected)
    {
        ResponseRewrite rewrite = Sent(BodyKind.Length);
        rewrite.Close = close;
        rewrite.AnnounceKeepAlive = announce;
        rewrite.KeepAlive = new KeepAliveTerms(74, 0);

        Assert.That(Rewritten(Wire.Response("Connection: keep-alive"), rewrite), Does.EndWith(expected));
    }

    [Test]
    public void A_switch_of_protocols_keeps_its_field_and_option()
    {
        ResponseRewrite rewrite = Sent(BodyKind.None);
        rewrite.KeepUpgrade = true;
        rewrite.Date = default;
        byte[] message = Wire.Message(
            "HTTP/1.1 101 Switching", "upgrade: websocket", "connection: Upgrade", "X: y");

        Assert.That(
            Rewritten(message, rewrite),
            Is.EqualTo("HTTP/1.1 101 Switching\r\nX: y\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"));
    }

    [Test]
    public void Via_has_the_version_that_was_received()
    {
        ResponseRewrite rewrite = Sent(BodyKind.UntilClose);
        rewrite.Via = "l7engine"u8;

        Assert.That(Rewritten(Wire.Message("HTTP/1.0 200 OK"), rewrite), Does.Contain("\r\nVia: 1.0 l7engine\r\n"));
    }

    private static ResponseRewrite Sent(BodyKind kind, long bytes = 0) =>
        new() { Date = DateBytes, SentFraming = new BodyFraming(kind, bytes) };

    private static string Rewritten(byte[] message, in ResponseRewrite rewrite)
    {
        ResponseHead head = Wire.ParsedResponse(message);
        byte[] written = new byte[ResponseHeadWriter.MaxBytes(head, rewrite)];
        return Wire.Text(written.AsSpan(0, ResponseHeadWriter.Write(head, message, rewrite, written)));
    }
}
