using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9112 sections 2 and 3.</summary>
[TestFixture]
internal sealed class RequestLineTests
{
    [Test]
    public void A_request_line_yields_where_its_parts_lie()
    {
        byte[] message = Wire.Message("GET /a?b HTTP/1.1", "Host: x");

        RequestHead head = Wire.Parsed(message);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(head.Method, Is.EqualTo(KnownMethod.Get));
            Assert.That(head.MethodBytes.TextOf(message), Is.EqualTo("GET"));
            Assert.That(head.Target.TextOf(message), Is.EqualTo("/a?b"));
            Assert.That(head.PathAndQuery.TextOf(message), Is.EqualTo("/a?b"));
            Assert.That(head.Form, Is.EqualTo(TargetForm.Origin));
            Assert.That(head.Version, Is.EqualTo(HttpVersion.Http11));
            Assert.That(head.TotalBytes, Is.EqualTo(message.Length));
            Assert.That(head.LeadingBytes, Is.Zero);
        }
    }

    // Section 3: one SP between the parts, no other white space, nothing repaired.
    [TestCase(" / HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("GET  / HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("GET /  HTTP/1.1", HttpFault.BadVersion)]
    [TestCase("GET\t/ HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("GET /\tHTTP/1.1", HttpFault.BadTarget)]
    [TestCase(" GET / HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("GET / HTTP/1.1 ", HttpFault.BadVersion)]
    [TestCase("GET / HTTP/1.1\t", HttpFault.BadVersion)]
    [TestCase("GE(T / HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("G\u00C9T / HTTP/1.1", HttpFault.BadRequestLine)]
    [TestCase("GET /", HttpFault.BadTarget)]
    [TestCase("GET", HttpFault.BadRequestLine)]
    [TestCase("GET /a b HTTP/1.1", HttpFault.BadVersion)]
    public void A_malformed_line_is_refused(string line, object fault)
    {
        Assert.That(Wire.FaultOf(Wire.Message(line, "Host: a")), Is.EqualTo(fault));
    }

    // Section 2.2: bare CR, bare LF and NUL, wherever they stand.
    [TestCase("GET / HTTP/1.1\nHost: a\r\n\r\n", HttpFault.BareLineFeed)]
    [TestCase("GET / HTTP/1.1\rHost: a\r\n\r\n", HttpFault.BareCarriageReturn)]
    [TestCase("GET / HTTP/1.1\r\rHost: a\r\n\r\n", HttpFault.BareCarriageReturn)]
    [TestCase("GET /\n HTTP/1.1\r\nHost: a\r\n\r\n", HttpFault.BadTarget)]
    [TestCase("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", HttpFault.BadTarget)]
    [TestCase("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", HttpFault.BadRequestLine)]
    [TestCase("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", HttpFault.BareCarriageReturn)]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\n\rX", HttpFault.BareCarriageReturn)]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\n\n", HttpFault.BareLineFeed)]
    public void A_line_ends_in_CRLF_and_in_nothing_else(string text, object fault)
    {
        Assert.That(Wire.FaultOf(Wire.Bytes(text)), Is.EqualTo(fault));
    }

    // Section 2.2.
    [Test]
    public void One_leading_CRLF_is_skipped_and_is_no_byte_of_the_request()
    {
        byte[] message = Wire.Bytes("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

        RequestHead head = Wire.Parsed(message);

        Assert.That(head.LeadingBytes, Is.EqualTo(2));
        Assert.That(head.TotalBytes, Is.EqualTo(message.Length));
        Assert.That(head.MethodBytes.TextOf(message), Is.EqualTo("GET"));
    }

    [Test]
    public void A_second_leading_CRLF_is_refused()
    {
        Assert.That(
            Wire.FaultOf(Wire.Bytes("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")),
            Is.EqualTo(HttpFault.BadRequestLine));
    }

    // Section 2.3 and RFC 9110 section 2.5.
    [TestCase("HTTP/1.0", HttpVersion.Http10)]
    [TestCase("HTTP/1.1", HttpVersion.Http11)]
    [TestCase("HTTP/1.2", HttpVersion.Http11)]
    [TestCase("HTTP/1.9", HttpVersion.Http11)]
    public void A_minor_version_above_1_is_treated_as_1_1(string version, object expected)
    {
        Assert.That(Wire.Parsed(Wire.Message($"GET / {version}", "Host: a")).Version, Is.EqualTo(expected));
    }

    [TestCase("HTTP/2.0", HttpFault.UnsupportedVersion)]
    [TestCase("HTTP/0.9", HttpFault.UnsupportedVersion)]
    [TestCase("HTTP/3.1", HttpFault.UnsupportedVersion)]
    [TestCase("http/1.1", HttpFault.BadVersion)]
    [TestCase("HTTP/1", HttpFault.BadVersion)]
    [TestCase("HTTP/1.10", HttpFault.BadVersion)]
    [TestCase("HTTP/11.1", HttpFault.BadVersion)]
    [TestCase("HTTP/1,1", HttpFault.BadVersion)]
    [TestCase("HTTP/+1.1", HttpFault.BadVersion)]
    [TestCase("ICE/1.0", HttpFault.BadVersion)]
    public void Other_versions_are_refused(string version, object fault)
    {
        Assert.That(Wire.FaultOf(Wire.Message($"GET / {version}", "Host: a")), Is.EqualTo(fault));
    }

    [Test]
    public void The_preface_of_HTTP_2_is_an_unsupported_version()
    {
        HttpFault fault = Wire.FaultOf(Wire.Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));

        Assert.That((fault, fault.StatusCode), Is.EqualTo((HttpFault.UnsupportedVersion, 505)));
    }

    // Section 3.2.
    [TestCase("GET * HTTP/1.1")]
    [TestCase("OPTIONS ** HTTP/1.1")]
    [TestCase("GET admin HTTP/1.1")]
    [TestCase("GET host:80 HTTP/1.1")]
    [TestCase("GET ?a HTTP/1.1")]
    [TestCase("GET /a#b HTTP/1.1")]
    [TestCase("GET /\u00E5 HTTP/1.1")]
    [TestCase("GET /\u007F HTTP/1.1")]
    [TestCase("GET http: HTTP/1.1")]
    [TestCase("GET http:// HTTP/1.1")]
    [TestCase("GET http:///a HTTP/1.1")]
    [TestCase("GET http://u@h/ HTTP/1.1")]
    [TestCase("GET http://h:99999/ HTTP/1.1")]
    [TestCase("GET ftp://h/ HTTP/1.1")]
    [TestCase("CONNECT / HTTP/1.1")]
    [TestCase("CONNECT http://h/ HTTP/1.1")]
    public void A_target_has_one_of_the_four_forms(string line)
    {
        Assert.That(Wire.FaultOf(Wire.Message(line, "Host: a")), Is.EqualTo(HttpFault.BadTarget));
    }

    [Test]
    public void A_target_of_two_slashes_is_a_path()
    {
        Assert.That(Wire.Parsed(Wire.Message("GET //h HTTP/1.1", "Host: a")).Form, Is.EqualTo(TargetForm.Origin));
    }

    [TestCase("http://h:8080/p?q", "h:8080", "/p?q")]
    [TestCase("HTTP://h/", "h", "/")]
    [TestCase("https://h", "h", "/")]
    [TestCase("http://h?q=/", "h", "?q=/")]
    [TestCase("http://[::1]:80/a", "[::1]:80", "/a")]
    public void An_absolute_target_replaces_Host(string target, string authority, string pathAndQuery)
    {
        byte[] message = Wire.Message($"GET {target} HTTP/1.1", "Host: other");

        RequestHead head = Wire.Parsed(message);

        Assert.That(head.Form, Is.EqualTo(TargetForm.Absolute));
        Assert.That(head.Authority.TextOf(message), Is.EqualTo(authority));
        Assert.That(head.PathAndQuery.TextOf(message), Is.EqualTo(pathAndQuery));
    }

    // Section 3.2.4.
    [TestCase("OPTIONS * HTTP/1.1", true)]
    [TestCase("OPTIONS http://h HTTP/1.1", true)]
    [TestCase("OPTIONS http://h/ HTTP/1.1", false)]
    [TestCase("OPTIONS http://h?q HTTP/1.1", false)]
    [TestCase("OPTIONS / HTTP/1.1", false)]
    [TestCase("GET http://h HTTP/1.1", false)]
    public void OPTIONS_without_a_path_is_about_the_server(string line, bool expected)
    {
        Assert.That(Wire.Parsed(Wire.Message(line, "Host: h")).IsServerWide, Is.EqualTo(expected));
    }

    // RFC 9110 section 9.1: methods are case-sensitive, and unknown ones are forwarded.
    [TestCase("GET", KnownMethod.Get)]
    [TestCase("HEAD", KnownMethod.Head)]
    [TestCase("POST", KnownMethod.Post)]
    [TestCase("PUT", KnownMethod.Put)]
    [TestCase("DELETE", KnownMethod.Delete)]
    [TestCase("OPTIONS", KnownMethod.Options)]
    [TestCase("PATCH", KnownMethod.Patch)]
    [TestCase("get", KnownMethod.Other)]
    [TestCase("M-SEARCH", KnownMethod.Other)]
    public void A_method_is_known_by_its_exact_name(string method, object expected)
    {
        Assert.That(Wire.Parsed(Wire.Message($"{method} / HTTP/1.1", "Host: a")).Method, Is.EqualTo(expected));
    }

    // RFC 9110 section 9.3.6 (RFC 9931) and 9.3.8.
    [Test]
    public void CONNECT_is_refused_and_closes()
    {
        HttpFault fault = Wire.FaultOf(Wire.Message("CONNECT h:443 HTTP/1.1", "Host: h:443"));

        Assert.That((fault.StatusCode, fault.ClosesConnection), Is.EqualTo((405, true)));
    }

    [Test]
    public void TRACE_is_refused_and_keeps_the_connection()
    {
        var head = new RequestHead();
        byte[] message = Wire.Message("TRACE / HTTP/1.1", "Host: h");

        ParseStatus status = head.Parse(message, HeadLimits.OfRequests);

        Assert.That(status, Is.EqualTo(ParseStatus.Invalid));
        Assert.That((head.Fault.StatusCode, head.Fault.ClosesConnection), Is.EqualTo((405, false)));
        Assert.That(head.TotalBytes, Is.EqualTo(message.Length));
    }

    // RFC 9110 section 9.2.2.
    [TestCase("GET", true)]
    [TestCase("PUT", true)]
    [TestCase("DELETE", true)]
    [TestCase("POST", false)]
    [TestCase("PATCH", false)]
    [TestCase("CUSTOM", false)]
    public void Idempotent_methods_are_repeatable(string method, bool expected)
    {
        Assert.That(Wire.Parsed(Wire.Message($"{method} / HTTP/1.1", "Host: a")).IsRepeatable, Is.EqualTo(expected));
    }
}
