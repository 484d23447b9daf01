using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9112 sections 3.2, 5 and 6; RFC 9110 sections 7 and 10.</summary>
[TestFixture]
internal sealed class RequestFieldTests
{
    [Test]
    public void A_line_yields_where_its_name_and_value_lie()
    {
        byte[] message = Wire.Request("X-A: \t one, two\t ", "X-B:");

        RequestHead head = Wire.Parsed(message);

        Assert.That(head.Fields.Count, Is.EqualTo(3));
        Assert.That(head.Fields[1].Name.TextOf(message), Is.EqualTo("X-A"));
        Assert.That(head.Fields[1].Value.TextOf(message), Is.EqualTo("one, two"));
        Assert.That(head.Fields[2].Value.IsEmpty);
    }

    // RFC 9112 sections 5.1 and 5.2, RFC 9110 section 5.5.
    [TestCase("X-A : b", HttpFault.SpaceBeforeColon)]
    [TestCase("X-A\t: b", HttpFault.SpaceBeforeColon)]
    [TestCase("X A: b", HttpFault.SpaceBeforeColon)]
    [TestCase(": b", HttpFault.EmptyFieldName)]
    [TestCase(" folded", HttpFault.ObsoleteFold)]
    [TestCase("\tfolded", HttpFault.ObsoleteFold)]
    [TestCase("X-A", HttpFault.BadFieldName)]
    [TestCase("X(A): b", HttpFault.BadFieldName)]
    [TestCase("X\u00C9: b", HttpFault.BadFieldName)]
    [TestCase("X\0: b", HttpFault.BadFieldName)]
    [TestCase("X\n: b", HttpFault.BareLineFeed)]
    [TestCase("X-A: b\0", HttpFault.ControlByte)]
    [TestCase("X-A: b\u007F", HttpFault.ControlByte)]
    [TestCase("X-A: b\u001B", HttpFault.ControlByte)]
    [TestCase("X-A: b\rc", HttpFault.BareCarriageReturn)]
    [TestCase("X-A: b\nX-B: c", HttpFault.BareLineFeed)]
    [TestCase("X-A: b\n", HttpFault.BareLineFeed)]
    public void A_malformed_line_is_refused(string line, object fault)
    {
        Assert.That(Wire.FaultOf(Wire.Request(line)), Is.EqualTo(fault));
    }

    [Test]
    public void White_space_before_the_first_field_is_refused()
    {
        Assert.That(Wire.FaultOf(Wire.Message("GET / HTTP/1.1", " Host: a")), Is.EqualTo(HttpFault.ObsoleteFold));
    }

    [TestCase("X-A: caf\u00E9 \u0080\u00FF")]
    [TestCase("X-A: a\tb")]
    [TestCase("!#$%&'*+-.^_`|~: a:b:c")]
    public void Bytes_above_ASCII_and_tabs_may_stand_in_values(string line)
    {
        Assert.That(Wire.FaultOf(Wire.Request(line)), Is.EqualTo(HttpFault.None));
    }

    // RFC 9112 section 3.2.
    [TestCase("GET / HTTP/1.1", HttpFault.MissingHost)]
    [TestCase("GET http://h/ HTTP/1.1", HttpFault.MissingHost)]
    [TestCase("GET / HTTP/1.0", HttpFault.None)]
    public void Only_HTTP_1_0_may_do_without_Host(string line, object fault)
    {
        Assert.That(Wire.FaultOf(Wire.Message(line)), Is.EqualTo(fault));
    }

    [TestCase("HTTP/1.1")]
    [TestCase("HTTP/1.0")]
    public void Host_is_not_repeated(string version)
    {
        Assert.That(
            Wire.FaultOf(Wire.Message($"GET / {version}", "Host: a", "host: a")), Is.EqualTo(HttpFault.RepeatedHost));
    }

    [TestCase("a")]
    [TestCase("a.example.:80")]
    [TestCase("127.0.0.1:65535")]
    [TestCase("[::1]")]
    [TestCase("[2001:db8::1]:8080")]
    [TestCase("[::ffff:1.2.3.4]")]
    [TestCase("a:")]
    [TestCase("a%20b")]
    [TestCase("a_b~c!$&'()*+;=")]
    public void A_valid_host_is_taken_as_it_is(string host)
    {
        byte[] message = Wire.Message("GET / HTTP/1.1", $"Host: {host}");

        Assert.That(Wire.Parsed(message).Authority.TextOf(message), Is.EqualTo(host));
    }

    [TestCase("")]
    [TestCase(":80")]
    [TestCase("a b")]
    [TestCase("a,b")]
    [TestCase("u@a")]
    [TestCase("a/b")]
    [TestCase("a?b")]
    [TestCase("a:b")]
    [TestCase("a:65536")]
    [TestCase("a:000080")]
    [TestCase("a:80:80")]
    [TestCase("a:+80")]
    [TestCase("a%2")]
    [TestCase("a%zz")]
    [TestCase("[::1")]
    [TestCase("[]")]
    [TestCase("[1.2.3.4]")]
    [TestCase("[::1]a")]
    [TestCase("[::1%25eth0]")]
    [TestCase("[:::1]")]
    [TestCase("::1")]
    [TestCase("\u00E9")]
    [TestCase("a\"b")]
    public void An_invalid_host_is_refused(string host)
    {
        Assert.That(
            Wire.FaultOf(Wire.Message("GET / HTTP/1.1", $"Host: {host}")), Is.EqualTo(HttpFault.BadHost));
    }

    // RFC 9112 section 6.3; RFC 9110 section 8.6.
    [TestCase("0", 0L)]
    [TestCase("5", 5L)]
    [TestCase("007", 7L)]
    [TestCase("9223372036854775807", long.MaxValue)]
    public void Content_Length_is_one_decimal_number(string value, long bytes)
    {
        RequestHead head = Wire.Parsed(Wire.Request($"Content-Length: {value}"));

        Assert.That(head.Framing, Is.EqualTo(new BodyFraming(BodyKind.Length, bytes)));
    }

    [TestCase("")]
    [TestCase("+5")]
    [TestCase("-5")]
    [TestCase("0x5")]
    [TestCase("5 5")]
    [TestCase("5, 5")]
    [TestCase("5,")]
    [TestCase("5.0")]
    [TestCase("1_0")]
    [TestCase("5\u00A0")]
    [TestCase("9223372036854775808")]
    [TestCase("18446744073709551621")]
    [TestCase("99999999999999999999999")]
    public void Any_other_Content_Length_is_refused(string value)
    {
        Assert.That(Wire.FaultOf(Wire.Request($"Content-Length: {value}")), Is.EqualTo(HttpFault.BadContentLength));
    }

    [Test]
    public void Content_Length_is_not_repeated_even_identically()
    {
        Assert.That(
            Wire.FaultOf(Wire.Request("Content-Length: 5", "Content-Length: 5")),
            Is.EqualTo(HttpFault.RepeatedContentLength));
    }

    [TestCase("chunked")]
    [TestCase("CHUNKED")]
    [TestCase(" chunked \t")]
    public void One_chunked_is_chunked(string value)
    {
        Assert.That(
            Wire.Parsed(Wire.Request($"Transfer-Encoding:{value}")).Framing.Kind, Is.EqualTo(BodyKind.Chunked));
    }

    [TestCase("gzip, chunked", 501)]
    [TestCase("a , b,chunked", 501)]
    [TestCase("", 400)]
    [TestCase("identity", 400)]
    [TestCase("chunked, identity", 400)]
    [TestCase("chunked, chunked", 400)]
    [TestCase(",chunked", 400)]
    [TestCase("chunked,", 400)]
    [TestCase("xchunked", 400)]
    [TestCase("chunked;a", 400)]
    [TestCase("\"chunked\"", 400)]
    [TestCase("a b, chunked", 400)]
    [TestCase("\u000Bchunked", 400)]
    public void Any_other_Transfer_Encoding_is_refused_and_closes(string value, int status)
    {
        HttpFault fault = Wire.FaultOf(Wire.Request($"Transfer-Encoding: {value}"));

        Assert.That((fault.StatusCode, fault.ClosesConnection), Is.EqualTo((status, true)));
    }

    [Test]
    public void Transfer_Encoding_is_not_repeated()
    {
        Assert.That(
            Wire.FaultOf(Wire.Request("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
            Is.EqualTo(HttpFault.BadTransferEncoding));
    }

    [TestCase("Content-Length: 5", "Transfer-Encoding: chunked")]
    [TestCase("Transfer-Encoding: chunked", "Content-Length: 5")]
    public void Content_Length_and_Transfer_Encoding_exclude_each_other(string first, string second)
    {
        Assert.That(Wire.FaultOf(Wire.Request(first, second)), Is.EqualTo(HttpFault.LengthAndTransferEncoding));
    }

    // RFC 9112 section 6.1.
    [Test]
    public void HTTP_1_0_has_no_Transfer_Encoding()
    {
        Assert.That(
            Wire.FaultOf(Wire.Message("POST / HTTP/1.0", "Transfer-Encoding: chunked")),
            Is.EqualTo(HttpFault.TransferEncodingInHttp10));
    }

    [TestCase("GET")]
    [TestCase("POST")]
    public void A_request_without_framing_has_no_body(string method)
    {
        Assert.That(
            Wire.Parsed(Wire.Message($"{method} / HTTP/1.1", "Host: a")).Framing, Is.EqualTo(default(BodyFraming)));
    }

    // A name that another recipient can take for a framing field.
    [TestCase("Content_Length: 5")]
    [TestCase("content_length: 5")]
    [TestCase("Transfer_Encoding: chunked")]
    [TestCase("Transfer---Encoding: chunked")]
    [TestCase("TransferEncoding: chunked")]
    [TestCase("Content.Length: 5")]
    [TestCase("-Content-Length-: 5")]
    [TestCase("Content-Length_: 5")]
    public void A_name_that_reads_as_framing_is_refused(string line)
    {
        Assert.That(Wire.FaultOf(Wire.Request(line)), Is.EqualTo(HttpFault.MisleadingFieldName));
    }

    [TestCase("Content-Lengths: 5")]
    [TestCase("X-Content-Length: 5")]
    [TestCase("Content-Encoding: x")]
    [TestCase("Content_Type: x")]
    public void Names_that_only_resemble_framing_pass(string line)
    {
        Assert.That(Wire.FaultOf(Wire.Request(line)), Is.EqualTo(HttpFault.None));
    }

    // RFC 9110 section 7.6.1.
    [TestCase("close", true, false)]
    [TestCase("Keep-Alive", false, true)]
    [TestCase(", ,close ,\tkeep-alive,", true, true)]
    [TestCase("closed", false, false)]
    [TestCase("", false, false)]
    public void Connection_options_are_found_in_lists(string value, bool close, bool keepAlive)
    {
        RequestHead head = Wire.Parsed(Wire.Request($"Connection: {value}"));

        Assert.That((head.HasCloseOption, head.HasKeepAliveOption), Is.EqualTo((close, keepAlive)));
    }

    [TestCase("Host")]
    [TestCase("content-length")]
    [TestCase("Transfer-Encoding")]
    [TestCase("Content_Length")]
    [TestCase("Trailer")]
    [TestCase("Content-Type")]
    [TestCase("Expect")]
    [TestCase("Max-Forwards")]
    [TestCase("Authorization")]
    [TestCase("Cookie")]
    [TestCase("Via")]
    [TestCase("Forwarded")]
    [TestCase("X-Real-IP")]
    [TestCase("X-Forwarded-For")]
    [TestCase("x-forwarded-proto")]
    [TestCase("X-Forwarded-Host")]
    [TestCase("X-Forwarded-Port")]
    public void A_connection_option_cannot_name_what_must_stay(string name)
    {
        Assert.That(
            Wire.FaultOf(Wire.Request($"Connection: close, {name}")), Is.EqualTo(HttpFault.ForbiddenConnectionOption));
    }

    [TestCase("a b")]
    [TestCase("a;b")]
    [TestCase("\"a\"")]
    public void A_connection_option_is_a_token(string value)
    {
        Assert.That(Wire.FaultOf(Wire.Request($"Connection: {value}")), Is.EqualTo(HttpFault.BadConnectionOption));
    }

    [TestCase(16, HttpFault.None)]
    [TestCase(17, HttpFault.TooManyConnectionOptions)]
    public void Connection_options_are_counted_over_all_fields(int options, object fault)
    {
        string[] lines = [.. Enumerable.Range(0, options).Select(i => $"Connection: o{i}")];

        Assert.That(Wire.FaultOf(Wire.Request(lines)), Is.EqualTo(fault));
    }

    // RFC 9110 section 10.1.1.
    [TestCase("HTTP/1.1", "100-continue", true, HttpFault.None)]
    [TestCase("HTTP/1.1", "100-Continue", true, HttpFault.None)]
    [TestCase("HTTP/1.0", "100-continue", false, HttpFault.None)]
    [TestCase("HTTP/1.0", "nonsense", false, HttpFault.None)]
    [TestCase("HTTP/1.1", "200-ok", false, HttpFault.UnknownExpectation)]
    [TestCase("HTTP/1.1", "", false, HttpFault.UnknownExpectation)]
    [TestCase("HTTP/1.1", "100-continue, x", false, HttpFault.UnknownExpectation)]
    public void Only_100_continue_is_expected(string version, string value, bool expects, object fault)
    {
        var head = new RequestHead();

        head.Parse(Wire.Message($"POST / {version}", "Host: a", $"Expect: {value}"), HeadLimits.OfRequests);

        Assert.That((head.ExpectsContinue, head.Fault), Is.EqualTo((expects, fault)));
    }

    [Test]
    public void Expect_is_not_repeated()
    {
        HttpFault fault = Wire.FaultOf(Wire.Request("Expect: 100-continue", "Expect: 100-continue"));

        Assert.That((fault.StatusCode, fault.ClosesConnection), Is.EqualTo((417, false)));
    }

    // RFC 9110 section 7.8.
    [TestCase("GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", true)]
    [TestCase("GET / HTTP/1.0", "Connection: Upgrade", "Upgrade: websocket", false)]
    [TestCase("POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", false)]
    [TestCase("GET / HTTP/1.1", "Connection: close", "Upgrade: websocket", false)]
    [TestCase("GET / HTTP/1.1", "Connection: Upgrade", "X: y", false)]
    public void An_upgrade_is_a_GET_with_field_and_option(string line, string connection, string upgrade, bool expected)
    {
        Assert.That(Wire.Parsed(Wire.Message(line, "Host: a", connection, upgrade)).IsUpgrade, Is.EqualTo(expected));
    }

    [TestCase("Content-Length: 1")]
    [TestCase("Transfer-Encoding: chunked")]
    [TestCase("Upgrade: h2c")]
    public void An_upgrade_has_no_body_and_one_protocol(string line)
    {
        Assert.That(
            Wire.Parsed(Wire.Request("Connection: upgrade", "Upgrade: websocket", line)).IsUpgrade, Is.False);
    }

    // RFC 9110 section 10.1.4.
    [TestCase("trailers", true)]
    [TestCase("gzip;q=0.5, Trailers", true)]
    [TestCase("gzip", false)]
    public void TE_tells_whether_trailers_are_accepted(string value, bool expected)
    {
        Assert.That(Wire.Parsed(Wire.Request($"TE: {value}")).AcceptsTrailers, Is.EqualTo(expected));
    }

    // RFC 9110 section 7.6.2.
    [TestCase("OPTIONS", "3", 3)]
    [TestCase("OPTIONS", "99999999999", 999_999)]
    [TestCase("GET", "3", -1)]
    [TestCase("GET", "x", -1)]
    public void Max_Forwards_counts_for_OPTIONS_only(string method, string value, int expected)
    {
        byte[] message = Wire.Message($"{method} / HTTP/1.1", "Host: a", $"Max-Forwards: {value}");

        Assert.That(Wire.Parsed(message).MaxForwards, Is.EqualTo(expected));
    }

    [TestCase("x")]
    [TestCase("")]
    [TestCase("-1")]
    public void A_malformed_Max_Forwards_is_refused(string value)
    {
        byte[] message = Wire.Message("OPTIONS / HTTP/1.1", "Host: a", $"Max-Forwards: {value}");

        Assert.That(Wire.FaultOf(message), Is.EqualTo(HttpFault.BadMaxForwards));
    }

    // RFC 9110 section 7.6.
    [TestCase("1.1 other, 1.1 l7engine (5f3a)", true)]
    [TestCase("1.1 l7engine (77aa)", false)]
    public void A_token_in_Via_shows_a_loop(string via, bool expected)
    {
        byte[] message = Wire.Request("Via: 1.0 first", $"Via: {via}");

        Assert.That(Wire.Parsed(message).HasViaToken(message, "5f3a"u8), Is.EqualTo(expected));
    }
}
