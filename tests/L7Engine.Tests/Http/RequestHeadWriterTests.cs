using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9110 section 7.6: what a gateway removes, keeps and adds.</summary>
[TestFixture]
internal sealed class RequestHeadWriterTests
{
    private const string Ours = "X-Forwarded-For: ::1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n";

    [Test]
    public void A_plain_request_gets_Host_first_and_our_fields_last()
    {
        Assert.That(
            Rewritten(Wire.Message("GET /a%2fb?c HTTP/1.1", "X-A:  1 ", "Host: a", "X-B: 2"), Plain()),
            Is.EqualTo("GET /a%2fb?c HTTP/1.1\r\nHost: a\r\nX-A:  1 \r\nX-B: 2\r\n" + Ours + "\r\n"));
    }

    [TestCase("GET http://h:80/p HTTP/1.1", "GET /p HTTP/1.1\r\nHost: h:80\r\n")]
    [TestCase("GET http://h?q HTTP/1.1", "GET /?q HTTP/1.1\r\nHost: h\r\n")]
    [TestCase("GET http://h HTTP/1.1", "GET / HTTP/1.1\r\nHost: h\r\n")]
    [TestCase("OPTIONS http://h HTTP/1.1", "OPTIONS * HTTP/1.1\r\nHost: h\r\n")]
    [TestCase("GET /p HTTP/1.0", "GET /p HTTP/1.1\r\nHost: a\r\n")]
    public void The_start_line_is_ours_and_Host_is_the_targets(string line, string expected)
    {
        Assert.That(Rewritten(Wire.Message(line, "Host: a"), Plain()), Does.StartWith(expected));
    }

    [Test]
    public void A_request_without_Host_gets_the_backends_and_no_X_Forwarded_Host()
    {
        RequestRewrite rewrite = Plain();
        rewrite.DefaultAuthority = "b:80"u8;

        string written = Rewritten(Wire.Message("GET / HTTP/1.0"), rewrite);

        Assert.That(written, Does.StartWith("GET / HTTP/1.1\r\nHost: b:80\r\n"));
        Assert.That(written, Does.Not.Contain("X-Forwarded-Host"));
    }

    [TestCase("Connection: x-a, close", "X-A: 1")]
    [TestCase("Connection: close", "Keep-Alive: timeout=5")]
    [TestCase("X: y", "Proxy-Connection: keep-alive")]
    [TestCase("X: y", "Proxy-Authorization: secret")]
    [TestCase("Connection: upgrade, http2-settings", "HTTP2-Settings: AAMA")]
    [TestCase("Connection: upgrade", "Upgrade: h2c")]
    [TestCase("X: y", "X_Forwarded_For: 1.2.3.4")]
    [TestCase("X: y", "X-Forwarded_Proto: https")]
    [TestCase("X: y", "Trailer: X-T")]
    [TestCase("X: y", "Proxy_Connection: x")]
    public void Fields_for_this_hop_and_lookalikes_are_removed(string connection, string line)
    {
        string written = Rewritten(Wire.Request(connection, line), Plain());

        Assert.That(written.Split("\r\n"), Does.Not.Contain(line));
    }

    [Test]
    public void Trailer_passes_where_trailers_do()
    {
        RequestRewrite rewrite = Plain();
        rewrite.KeepTrailers = true;

        Assert.That(
            Rewritten(Wire.Request("Trailer: X-T", "Transfer-Encoding: chunked"), rewrite),
            Does.Contain("Trailer: X-T\r\n"));
    }

    [TestCase("Content-Length: 007", "Content-Length: 7\r\n")]
    [TestCase("content-length: 9223372036854775807", "Content-Length: 9223372036854775807\r\n")]
    [TestCase("transfer-encoding: CHUNKED", "Transfer-Encoding: chunked\r\n")]
    public void Framing_is_written_anew_and_once(string line, string expected)
    {
        string written = Rewritten(Wire.Request(line), Plain());

        Assert.That(written, Does.Contain("\r\n" + expected));
        Assert.That(written, Does.Not.Contain(line + "\r\n"));
    }

    [Test]
    public void Set_drops_what_came_in_even_from_a_trusted_peer()
    {
        RequestRewrite rewrite = Plain();
        rewrite.PeerIsTrusted = true;
        byte[] message = Wire.Request(
            "X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: e", "X-Forwarded-Port: 1",
            "Forwarded: for=9.9.9.9", "X-Real-IP: 9.9.9.9");

        Assert.That(Rewritten(message, rewrite), Is.EqualTo("GET / HTTP/1.1\r\nHost: a\r\n" + Ours + "\r\n"));
    }

    [Test]
    public void Append_extends_the_last_line_of_a_trusted_peer_and_keeps_the_rest()
    {
        RequestRewrite rewrite = Plain();
        rewrite.Forwarded = ForwardedMode.Append;
        rewrite.PeerIsTrusted = true;
        byte[] message = Wire.Request(
            "X-Forwarded-For: 1.1.1.1", "x-forwarded-for: 2.2.2.2, 3.3.3.3", "X-Forwarded-Proto: https",
            "X-Real-IP: 1.1.1.1");

        Assert.That(
            Rewritten(message, rewrite),
            Is.EqualTo("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                + "X-Real-IP: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3, ::1\r\nX-Forwarded-Host: a\r\n\r\n"));
    }

    [Test]
    public void Append_trusts_nobody_else()
    {
        RequestRewrite rewrite = Plain();
        rewrite.Forwarded = ForwardedMode.Append;

        Assert.That(
            Rewritten(Wire.Request("X-Forwarded-For: 9.9.9.9"), rewrite),
            Is.EqualTo("GET / HTTP/1.1\r\nHost: a\r\n" + Ours + "\r\n"));
    }

    [TestCase(true, "X-Forwarded-For: 1.1.1.1\r\n")]
    [TestCase(false, "")]
    public void Off_writes_none_and_passes_what_a_trusted_peer_sent(bool isTrusted, string expected)
    {
        RequestRewrite rewrite = Plain();
        rewrite.Forwarded = ForwardedMode.Off;
        rewrite.PeerIsTrusted = isTrusted;

        Assert.That(
            Rewritten(Wire.Request("X-Forwarded-For: 1.1.1.1"), rewrite),
            Is.EqualTo("GET / HTTP/1.1\r\nHost: a\r\n" + expected + "\r\n"));
    }

    // RFC 9110 section 7.6.3.
    [TestCase("HTTP/1.1", "Via: 1.1 l7engine (t)")]
    [TestCase("HTTP/1.0", "Via: 1.0 l7engine (t)")]
    public void Via_has_the_version_received_and_comes_after_the_incoming(string version, string expected)
    {
        RequestRewrite rewrite = Plain();
        rewrite.Via = "l7engine (t)"u8;

        string written = Rewritten(Wire.Message($"GET / {version}", "Host: a", "Via: 1.1 other"), rewrite);

        Assert.That(
            written.Split("\r\n").Where(line => line.StartsWith("Via", StringComparison.Ordinal)),
            Is.EqualTo(["Via: 1.1 other", expected]));
    }

    [TestCase(true, "Upgrade: websocket\r\nConnection: upgrade\r\n")]
    [TestCase(false, "")]
    public void An_upgrade_passes_when_it_is_kept(bool keep, string expected)
    {
        RequestRewrite rewrite = Plain();
        rewrite.KeepUpgrade = keep;

        Assert.That(
            Rewritten(Wire.Request("Connection: Upgrade", "Upgrade: websocket"), rewrite),
            Is.EqualTo("GET / HTTP/1.1\r\nHost: a\r\n" + Ours + expected + "\r\n"));
    }

    // RFC 9110 section 10.1.4.
    [Test]
    public void Options_of_ours_stand_in_one_field()
    {
        RequestRewrite rewrite = Plain();
        rewrite.CloseBackend = true;

        Assert.That(
            Rewritten(Wire.Request("TE: gzip, trailers", "Connection: TE"), rewrite),
            Does.EndWith("TE: trailers\r\nConnection: close, TE\r\n\r\n"));
    }

    [TestCase("HTTP/1.1", true)]
    [TestCase("HTTP/1.0", false)]
    public void Expect_passes_where_it_means_something(string version, bool expected)
    {
        byte[] message = Wire.Message($"POST / {version}", "Host: a", "Expect: 100-continue", "Content-Length: 5");

        bool passes = Rewritten(message, Plain()).Contains("Expect: 100-continue\r\n", StringComparison.Ordinal);

        Assert.That(passes, Is.EqualTo(expected));
    }

    // RFC 9110 section 7.6.2.
    [TestCase("OPTIONS", "Max-Forwards: 2\r\n")]
    [TestCase("GET", "Max-Forwards: 3\r\n")]
    public void Max_Forwards_counts_down_for_OPTIONS_only(string method, string expected)
    {
        byte[] message = Wire.Message($"{method} / HTTP/1.1", "Host: a", "Max-Forwards: 3");

        Assert.That(Rewritten(message, Plain()), Does.Contain(expected));
    }

    [TestCase("Cookie: a=1; own=x; b=2", "Cookie: a=1; b=2\r\n")]
    [TestCase("cookie:own=x;a=1;b=2", "cookie: a=1;b=2\r\n")]
    [TestCase("Cookie: a=own=; b=2;own = x", "Cookie: a=own=; b=2\r\n")]
    [TestCase("Cookie: own=x; own=y; a=1; own=", "Cookie: a=1\r\n")]
    [TestCase("Cookie: own=x", "")]
    [TestCase("Cookie: own=x; ;", "")]
    [TestCase("Cookie: Own=x;owner=1; own", "Cookie: Own=x;owner=1; own\r\n")]
    public void A_cookie_of_ours_is_cut_out_and_the_others_stay_as_they_were(string line, string expected)
    {
        RequestRewrite rewrite = Plain();
        rewrite.OwnCookie = "own"u8;

        Assert.That(
            Rewritten(Wire.Request("X-A: 1", line, "X-B: 2"), rewrite),
            Does.StartWith($"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n{expected}X-B: 2\r\n"));
    }

    [Test]
    public void Of_two_cookie_lines_only_the_one_with_ours_is_written_anew()
    {
        RequestRewrite rewrite = Plain();
        rewrite.OwnCookie = "own"u8;

        Assert.That(
            Rewritten(Wire.Request("Cookie: a=1", "Cookie: own=x;b=2", "Cookie:c=3"), rewrite),
            Does.Contain("\r\nCookie: a=1\r\nCookie: b=2\r\nCookie:c=3\r\n"));
    }

    // Whatever a request holds: what is written parses again, means the same, and names no hop.
    [Test]
    public void What_is_written_is_a_clean_request([Random(20, Distinct = true)] int seed)
    {
        string[] lines =
        [
            "Connection: x-a, close", "X-A: 1", "X-B: 2", "Keep-Alive: x", "TE: trailers", "Upgrade: websocket",
            "Connection: upgrade", "Content-Length: 0", "X-Forwarded-For: 1.1.1.1", "Via: 1.1 b", "Cookie: a=b",
            "X_Forwarded_For: 1", "Forwarded: for=x", "Proxy-Connection: close", "Trailer: T", "Max-Forwards: 5",
            "Expect: 100-continue", "Accept: */*", "X-Empty:", "X-Long: " + new string('x', 300),
            "Cookie:own=1", "Cookie: ;;own=;;a",
        ];
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            byte[] message = Wire.Request([.. lines.OrderBy(_ => random.Next()).Take(random.Next(lines.Length))]);
            RequestRewrite rewrite = Plain();
            rewrite.Forwarded = (ForwardedMode)random.Next(3);
            rewrite.PeerIsTrusted = random.Next(2) == 0;
            rewrite.CloseBackend = random.Next(2) == 0;
            rewrite.KeepUpgrade = random.Next(2) == 0;
            rewrite.OwnCookie = random.Next(2) == 0 ? "own"u8 : default;
            RequestHead head = new();
            if (head.Parse(message, HeadLimits.OfRequests) != ParseStatus.Complete)
            {
                continue;
            }

            string written = Rewritten(message, rewrite);

            Assert.That(Lint.Stream(Wire.Bytes(written), areRequests: true), Is.Empty, $"seed {seed}: {written}");
            Assert.That(Wire.Parsed(Wire.Bytes(written)).Framing, Is.EqualTo(head.Framing));
        }
    }

    private static RequestRewrite Plain() => new() { ClientAddress = "::1"u8, Proto = "http"u8 };

    private static string Rewritten(byte[] message, in RequestRewrite rewrite)
    {
        RequestHead head = Wire.Parsed(message);
        byte[] written = new byte[RequestHeadWriter.MaxBytes(head, rewrite)];
        return Wire.Text(written.AsSpan(0, RequestHeadWriter.Write(head, message, rewrite, written)));
    }
}
