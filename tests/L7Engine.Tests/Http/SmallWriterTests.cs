using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>Chunk headers, trailers, dates, our own answers, and what faults say.</summary>
[TestFixture]
internal sealed class SmallWriterTests
{
    private static readonly HttpFault[] Faults = Enum.GetValues<HttpFault>();

    // RFC 9112 section 7.1.
    [TestCase(1L, "1\r\n")]
    [TestCase(500L, "1f4\r\n")]
    [TestCase(5L << 30, "140000000\r\n")]
    [TestCase(long.MaxValue, "7fffffffffffffff\r\n")]
    public void A_chunk_header_is_minimal_hexadecimal(long size, string expected)
    {
        Span<byte> header = stackalloc byte[ChunkWriter.MaxHeaderBytes];

        int bytes = ChunkWriter.WriteHeader(header, size);

        Assert.That(Wire.Text(header[..bytes]), Is.EqualTo(expected));
    }

    [Test]
    public void A_chunk_header_can_be_put_just_before_its_data()
    {
        byte[] block = Wire.Bytes("..........data");

        int start = ChunkWriter.WriteHeaderBefore(block, dataStart: 10, size: 4);

        Assert.That((start, Wire.Text(block)), Is.EqualTo((7, ".......4\r\ndata")));
    }

    // RFC 9110 section 6.5.1.
    [TestCase("X-Checksum: 1\r\nServer-Timing: a\r\n", "0\r\nX-Checksum: 1\r\nServer-Timing: a\r\n\r\n")]
    [TestCase("", "0\r\n\r\n")]
    [TestCase("Content-Digest: sha-256=:a:\r\n", "0\r\nContent-Digest: sha-256=:a:\r\n\r\n")]
    [TestCase("Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\n", "0\r\nX: y\r\n\r\n")]
    [TestCase("Host: a\r\nAuthorization: b\r\nCookie: c\r\nSet-Cookie: d\r\nWWW-Authenticate: e\r\n", "0\r\n\r\n")]
    [TestCase("Via: a\r\nX-Forwarded-For: b\r\nX-Forwarded-Any: c\r\nForwarded: d\r\nX-Real-IP: e\r\n", "0\r\n\r\n")]
    [TestCase("Content_Length: 5\r\nX_Forwarded_For: b\r\nConnection: X\r\nTrailer: X\r\nTE: a\r\n", "0\r\n\r\n")]
    [TestCase("Content-Type: a\r\nContent-Encoding: b\r\nCache-Control: c\r\nIf-Match: d\r\nRange: e\r\n", "0\r\n\r\n")]
    [TestCase("If-None-Match: a\r\nLocation: b\r\nDate: c\r\nSet-Cookie2: d\r\nContent-Range: e\r\n", "0\r\n\r\n")]
    public void Trailers_that_would_mean_something_in_a_head_are_dropped(string section, string expected)
    {
        byte[] lines = Wire.Bytes(section);
        byte[] written = new byte[TrailerWriter.MaxBytes(lines)];

        Assert.That(Wire.Text(written.AsSpan(0, TrailerWriter.Write(lines, written))), Is.EqualTo(expected));
    }

    // RFC 9110 section 5.6.7.
    [Test]
    public void A_date_is_written_as_RFC_9110_shows_it()
    {
        byte[] date = new byte[HttpDate.Bytes];

        int bytes = HttpDate.Write(new DateTimeOffset(1994, 11, 6, 9, 49, 37, TimeSpan.FromHours(1)), date);

        Assert.That(Wire.Text(date.AsSpan(0, bytes)), Is.EqualTo("Sun, 06 Nov 1994 08:49:37 GMT"));
    }

    [Test]
    public void An_answer_has_date_length_and_what_happens_to_the_connection()
    {
        Assert.That(
            Answer(400, close: true, withBody: true),
            Is.EqualTo("HTTP/1.1 400 Bad Request\r\nDate: D\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n"
                + "Connection: close\r\n\r\nBad Request"));
    }

    // RFC 9110 section 9.3.2.
    [Test]
    public void An_answer_to_HEAD_has_the_length_and_not_the_text()
    {
        Assert.That(
            Answer(404, close: false, withBody: false),
            Does.EndWith("Content-Length: 9\r\nConnection: keep-alive\r\n\r\n"));
    }

    [Test]
    public void OPTIONS_is_answered_with_Allow_and_length_0()
    {
        Assert.That(
            Answer(200, close: false, withBody: true, new AnswerExtras(WithAllow: true)),
            Is.EqualTo("HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n"
                + "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\nConnection: keep-alive\r\n\r\n"));
    }

    [Test]
    public void An_answer_can_say_when_to_come_back()
    {
        Assert.That(
            Answer(503, close: false, withBody: true, new AnswerExtras(RetryAfterSeconds: 7)),
            Does.Contain("\r\nRetry-After: 7\r\n"));
    }

    [TestCaseSource(nameof(Faults))]
    public void Every_fault_has_a_text_and_an_answer_that_is_a_clean_response(HttpFault fault)
    {
        var extras = new AnswerExtras(WithAllow: true, RetryAfterSeconds: int.MaxValue);

        string answer = Answer(fault.StatusCode, fault.ClosesConnection, withBody: true, extras);

        Assert.That(fault.Text, Is.Not.EqualTo("unknown fault"));
        Assert.That(answer, Does.Not.Contain(" Error\r\n"));
        Assert.That(Lint.Stream(Wire.Bytes(answer), areRequests: false), Is.Empty);
        Assert.That(answer, Has.Length.LessThanOrEqualTo(AnswerWriter.MaxBytes - HttpDate.Bytes));
    }

    private static string Answer(int status, bool close, bool withBody, AnswerExtras extras = default)
    {
        byte[] answer = new byte[AnswerWriter.MaxBytes];
        int bytes = AnswerWriter.Write(answer, status, "D"u8, close, withBody, extras);
        return Wire.Text(answer.AsSpan(0, bytes));
    }
}
