using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9112 sections 4, 6.3 and 9.3. Every fault is answered with 502.</summary>
[TestFixture]
internal sealed class ResponseHeadTests
{
    [TestCase("HTTP/1.1 200 OK", 200, "OK")]
    [TestCase("HTTP/1.1 404 Not \u00E9 Found ", 404, "Not \u00E9 Found ")]
    [TestCase("HTTP/1.0 999 ", 999, "")]
    [TestCase("HTTP/1.1 204", 204, "")]
    public void A_status_line_yields_status_and_reason(string line, int status, string reason)
    {
        byte[] message = Wire.Message(line);

        ResponseHead head = Wire.ParsedResponse(message);

        Assert.That((head.Status, head.Reason.TextOf(message)), Is.EqualTo((status, reason)));
        Assert.That(head.TotalBytes, Is.EqualTo(message.Length));
    }

    [TestCase("timeout=5", 5)]
    [TestCase("Timeout = 5 , max=100", 5)]
    [TestCase("max=100,timeout=75", 75)]
    [TestCase("timeout=4000000000", 86_400)]
    [TestCase("timeout=0", 0)]
    [TestCase("timeout=99999999999", 0)]
    [TestCase("timeout=-5", 0)]
    [TestCase("timeout=5s", 0)]
    [TestCase("timeout=", 0)]
    [TestCase("timeout", 0)]
    [TestCase("=5", 0)]
    [TestCase("", 0)]
    [TestCase(",,;", 0)]
    public void What_a_backend_says_of_its_idle_timeout_is_read_and_nonsense_is_not(string value, int seconds)
    {
        byte[] message = Wire.Message($"HTTP/1.1 200 OK\r\nKeep-Alive: {value}");

        Assert.That(Wire.ParsedResponse(message).KeepAliveSeconds, Is.EqualTo(seconds));
    }

    [TestCase("HTTP/1.1 099 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1 20 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1 2000 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1 +20 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1  200 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1\t200 OK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1 200\tOK", HttpFault.BadStatusLine)]
    [TestCase("HTTP/1.1", HttpFault.BadStatusLine)]
    [TestCase("HTTP/2 200", HttpFault.BadVersion)]
    [TestCase("HTTP/2.0 200", HttpFault.UnsupportedVersion)]
    [TestCase("ICY 200 OK", HttpFault.BadVersion)]
    [TestCase("HTTP/1.1 200 O\0K", HttpFault.ControlByte)]
    [TestCase("HTTP/1.1 200 O\nK", HttpFault.BareLineFeed)]
    [TestCase("HTTP/1.1 200 O\rK", HttpFault.BareCarriageReturn)]
    public void A_malformed_status_line_is_a_fault(string line, object fault)
    {
        Assert.That(Wire.FaultOfResponse(Wire.Message(line)), Is.EqualTo(fault));
    }

    [TestCase("X : y", HttpFault.SpaceBeforeColon)]
    [TestCase(" folded", HttpFault.ObsoleteFold)]
    [TestCase("X: \0", HttpFault.ControlByte)]
    [TestCase("X: a\nb", HttpFault.BareLineFeed)]
    [TestCase(": x", HttpFault.EmptyFieldName)]
    [TestCase("Content_Length: 5", HttpFault.MisleadingFieldName)]
    [TestCase("Content-Length: 5, 5", HttpFault.BadContentLength)]
    [TestCase("Content-Length: +5", HttpFault.BadContentLength)]
    [TestCase("Content-Length: 5\r\nContent-Length: 5", HttpFault.RepeatedContentLength)]
    [TestCase("Content-Length: 5\r\nTransfer-Encoding: chunked", HttpFault.LengthAndTransferEncoding)]
    [TestCase("Transfer-Encoding: gzip, chunked", HttpFault.UnknownTransferCoding)]
    [TestCase("Transfer-Encoding: identity", HttpFault.BadTransferEncoding)]
    [TestCase("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", HttpFault.BadTransferEncoding)]
    [TestCase("Connection: Content-Length", HttpFault.ForbiddenConnectionOption)]
    [TestCase("Connection: transfer-encoding", HttpFault.ForbiddenConnectionOption)]
    [TestCase("Connection: Set-Cookie", HttpFault.ForbiddenConnectionOption)]
    public void A_malformed_field_is_a_fault_whether_or_not_there_is_a_body(string line, object fault)
    {
        byte[] message = Wire.Response(line);

        Assert.That(Wire.FaultOfResponse(message), Is.EqualTo(fault));
        Assert.That(Wire.FaultOfResponse(message, KnownMethod.Head), Is.EqualTo(fault));
    }

    // RFC 9112 section 6.1.
    [Test]
    public void HTTP_1_0_has_no_Transfer_Encoding()
    {
        Assert.That(
            Wire.FaultOfResponse(Wire.Message("HTTP/1.0 200 OK", "Transfer-Encoding: chunked")),
            Is.EqualTo(HttpFault.TransferEncodingInHttp10));
    }

    // RFC 9112 section 6.3.
    [TestCase("HTTP/1.1 200 OK", KnownMethod.Get, "Content-Length: 5", BodyKind.Length)]
    [TestCase("HTTP/1.1 200 OK", KnownMethod.Get, "Transfer-Encoding: chunked", BodyKind.Chunked)]
    [TestCase("HTTP/1.1 200 OK", KnownMethod.Get, "X: y", BodyKind.UntilClose)]
    [TestCase("HTTP/1.1 200 OK", KnownMethod.Head, "Content-Length: 5", BodyKind.None)]
    [TestCase("HTTP/1.1 200 OK", KnownMethod.Head, "Transfer-Encoding: chunked", BodyKind.None)]
    [TestCase("HTTP/1.1 304 Not Modified", KnownMethod.Get, "Content-Length: 5", BodyKind.None)]
    [TestCase("HTTP/1.1 204 No Content", KnownMethod.Get, "Content-Length: 5", BodyKind.None)]
    [TestCase("HTTP/1.1 103 Early Hints", KnownMethod.Get, "Content-Length: 5", BodyKind.None)]
    [TestCase("HTTP/1.1 101 Switching", KnownMethod.Get, "X: y", BodyKind.None)]
    public void Framing_follows_the_rules_in_order(string line, object method, string field, object kind)
    {
        ResponseHead head = Wire.ParsedResponse(Wire.Message(line, field), (KnownMethod)method);

        Assert.That(head.Framing.Kind, Is.EqualTo(kind));
    }

    // RFC 9112 section 9.3.
    [TestCase("HTTP/1.1 204 x", "X: y", true)]
    [TestCase("HTTP/1.1 204 x", "Connection: close", false)]
    [TestCase("HTTP/1.0 204 x", "X: y", false)]
    [TestCase("HTTP/1.0 204 x", "Connection: keep-alive", true)]
    [TestCase("HTTP/1.0 204 x", "Connection: keep-alive, close", false)]
    [TestCase("HTTP/1.1 200 x", "X: y", false)]
    [TestCase("HTTP/1.1 200 x", "Content-Length: 0", true)]
    [TestCase("HTTP/1.1 101 x", "X: y", false)]
    public void A_backend_keeps_open_what_it_delimits_and_does_not_close(string line, string field, bool expected)
    {
        Assert.That(Wire.ParsedResponse(Wire.Message(line, field)).BackendKeepsOpen, Is.EqualTo(expected));
    }

    // RFC 9110 section 15.2.
    [TestCase(100, true)]
    [TestCase(101, false)]
    [TestCase(103, true)]
    [TestCase(199, true)]
    [TestCase(200, false)]
    public void All_1xx_but_101_are_interim(int status, bool expected)
    {
        Assert.That(Wire.ParsedResponse(Wire.Message($"HTTP/1.1 {status} x")).IsInterim, Is.EqualTo(expected));
    }

    [TestCase("Date: x", true)]
    [TestCase("Date: x\r\nConnection: date", false)]
    [TestCase("X: y", false)]
    public void A_date_counts_when_it_is_forwarded(string lines, bool expected)
    {
        Assert.That(Wire.ParsedResponse(Wire.Response(lines)).HasDate, Is.EqualTo(expected));
    }

    // CVE-2022-0711.
    [Test]
    public void Set_Cookie2_is_a_field_like_any_other()
    {
        Assert.That(Wire.ParsedResponse(Wire.Response("Set-Cookie2: a=b")).Fields.Count, Is.EqualTo(1));
    }
}
