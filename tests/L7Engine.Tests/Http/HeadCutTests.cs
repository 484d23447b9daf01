using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>Heads arrive in pieces, and have limits. Neither may change what a message means.</summary>
[TestFixture]
internal sealed class HeadCutTests
{
    private static readonly HeadLimits Small = new(300, 4, 128, 16);

    private static readonly string[] ValidRequests =
    [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.0\r\n\r\n",
        "POST http://h:80/a?b HTTP/1.1\r\nhost: [::1]:80\r\nContent-Length: 5\r\nConnection: x, close\r\n"
            + "X: \u00E9 \t\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\nExpect:100-continue\r\n\r\n",
    ];

    private static readonly string[] InvalidRequests =
    [
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u00E9 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1x\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\rX",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n",
        "GET /" + new string('a', 200) + "# HTTP/1.1\r\nHost: a\r\n\r\n",
        new string('M', 100) + "@ / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 400) + "\0\r\n\r\n",
    ];

    private static readonly string[] ValidResponses =
    [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 404\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        "HTTP/1.1 200 \u00E9 \t\r\nTransfer-Encoding: chunked\r\nConnection: x\r\nX: y\r\n\r\n",
    ];

    private static readonly string[] InvalidResponses =
    [
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nX: y\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200\n\r\n",
        "HTTP/1.1 200 " + new string('a', 200) + "\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
    ];

    [TestCaseSource(nameof(ValidRequests))]
    public void Every_prefix_of_a_request_needs_more(string text)
    {
        byte[] message = Wire.Bytes(text);
        var head = new RequestHead();

        for (int bytes = 0; bytes < message.Length; bytes++)
        {
            ParseStatus status = head.Parse(message.AsSpan(0, bytes), Small);
            Assert.That(status, Is.EqualTo(ParseStatus.NeedMore), $"{bytes} bytes");
        }

        Assert.That(head.Parse(message, Small), Is.EqualTo(ParseStatus.Complete));
    }

    [TestCaseSource(nameof(InvalidRequests))]
    public void Every_prefix_of_a_bad_request_needs_more_or_has_the_same_fault(string text)
    {
        byte[] message = Wire.Bytes(text);
        var head = new RequestHead();
        Assert.That(head.Parse(message, Small), Is.EqualTo(ParseStatus.Invalid));
        HttpFault fault = head.Fault;

        bool isProved = false;
        for (int bytes = 0; bytes <= message.Length; bytes++)
        {
            ParseStatus status = head.Parse(message.AsSpan(0, bytes), Small);
            isProved |= status == ParseStatus.Invalid;
            Assert.That(status, Is.EqualTo(isProved ? ParseStatus.Invalid : ParseStatus.NeedMore), $"{bytes} bytes");
            Assert.That(head.Fault, Is.EqualTo(isProved ? fault : HttpFault.None), $"{bytes} bytes");
        }
    }

    [TestCaseSource(nameof(ValidResponses))]
    public void Every_prefix_of_a_response_needs_more(string text)
    {
        byte[] message = Wire.Bytes(text);
        var head = new ResponseHead();

        for (int bytes = 0; bytes < message.Length; bytes++)
        {
            ParseStatus status = head.Parse(message.AsSpan(0, bytes), KnownMethod.Get, Small);
            Assert.That(status, Is.EqualTo(ParseStatus.NeedMore), $"{bytes} bytes");
        }

        Assert.That(head.Parse(message, KnownMethod.Get, Small), Is.EqualTo(ParseStatus.Complete));
    }

    [TestCaseSource(nameof(InvalidResponses))]
    public void Every_prefix_of_a_bad_response_needs_more_or_has_the_same_fault(string text)
    {
        byte[] message = Wire.Bytes(text);
        var head = new ResponseHead();
        Assert.That(head.Parse(message, KnownMethod.Get, Small), Is.EqualTo(ParseStatus.Invalid));
        HttpFault fault = head.Fault;

        bool isProved = false;
        for (int bytes = 0; bytes <= message.Length; bytes++)
        {
            ParseStatus status = head.Parse(message.AsSpan(0, bytes), KnownMethod.Get, Small);
            isProved |= status == ParseStatus.Invalid;
            Assert.That(status, Is.EqualTo(isProved ? ParseStatus.Invalid : ParseStatus.NeedMore), $"{bytes} bytes");
            Assert.That(head.Fault, Is.EqualTo(isProved ? fault : HttpFault.None), $"{bytes} bytes");
        }
    }

    // Any byte, put anywhere, must be judged the same whole and cut. Of two faults the one that arrives first is named.
    [Test]
    public void A_changed_byte_is_judged_the_same_however_it_arrives([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var head = new RequestHead();
        for (int round = 0; round < 200; round++)
        {
            byte[] message = Wire.Bytes(ValidRequests[random.Next(ValidRequests.Length)]);
            message[random.Next(message.Length)] = (byte)random.Next(256);
            ParseStatus whole = head.Parse(message, Small);
            int statusCode = head.Fault.StatusCode;

            ParseStatus piecewise = ParseStatus.NeedMore;
            for (int bytes = 0; bytes <= message.Length && piecewise == ParseStatus.NeedMore; bytes++)
            {
                piecewise = head.Parse(message.AsSpan(0, bytes), Small);
            }

            Assert.That((piecewise, head.Fault.StatusCode), Is.EqualTo((whole, statusCode)),
                $"seed {seed}: {Wire.Text(message)}");
        }
    }

    // RFC 9112 section 6.3: waiting for the end of such a head would only keep its sender waiting.
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2", HttpFault.RepeatedContentLength)]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 1000000000000000000000", HttpFault.BadContentLength)]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 4 2", HttpFault.BadContentLength)]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length:\r\n", HttpFault.BadContentLength)]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        HttpFault.LengthAndTransferEncoding)]
    [TestCase("PUT /url HTTP/1.1\r\nTransfer-Encoding: pigeons\r\n", HttpFault.BadTransferEncoding)]
    [TestCase("M-SEARCH * HTTP/1.1\r\n", HttpFault.BadTarget)]
    public void What_is_wrong_is_refused_before_the_head_is_whole(string text, object fault)
    {
        var head = new RequestHead();

        ParseStatus status = head.Parse(Wire.Bytes(text), Small);

        Assert.That((status, head.Fault), Is.EqualTo((ParseStatus.Invalid, fault)));
    }

    [TestCase("PUT /url HTTP/1.1\r\nContent-Length:")]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: ")]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 4 ")]
    [TestCase("PUT /url HTTP/1.1\r\nContent-Length: 4\r")]
    public void What_may_still_become_right_is_waited_for(string text) =>
        Assert.That(new RequestHead().Parse(Wire.Bytes(text), Small), Is.EqualTo(ParseStatus.NeedMore));

    [Test]
    public void Bytes_after_the_head_are_not_looked_at()
    {
        byte[] head = Wire.Request();

        Assert.That(Wire.Parsed([.. head, 0, 13, 10, 255]).TotalBytes, Is.EqualTo(head.Length));
    }

    // RFC 9110 section 5.4, RFC 6585 section 5.
    [TestCase(300, ParseStatus.Complete)]
    [TestCase(301, ParseStatus.Invalid)]
    public void The_largest_head_is_the_limit(int headBytes, object expected)
    {
        const string Start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        byte[] message = Wire.Bytes(Start + new string('x', headBytes - Start.Length - 4) + "\r\n\r\n");
        var head = new RequestHead();

        ParseStatus status = head.Parse(message, Small);

        Assert.That(status, Is.EqualTo(expected));
        Assert.That(head.Fault.StatusCode, Is.EqualTo(status == ParseStatus.Complete ? 200 : 431));
        Assert.That(head.Parse([13, 10, .. message], Small), Is.EqualTo(expected), "The leading CRLF does not count.");
    }

    [TestCase(299, ParseStatus.NeedMore)]
    [TestCase(300, ParseStatus.Invalid)]
    public void A_head_that_has_no_room_left_for_its_end_is_refused(int receivedBytes, object expected)
    {
        byte[] received = Wire.Bytes("GET / HTTP/1.1\r\nHost: a\r\nX: ".PadRight(receivedBytes, 'x'));

        Assert.That(new RequestHead().Parse(received, Small), Is.EqualTo(expected));
        Assert.That(
            new ResponseHead().Parse([.. "HTTP/1.1 200 OK\r\nX: "u8, .. received[20..]], KnownMethod.Get, Small),
            Is.EqualTo(expected));
    }

    [TestCase(4, ParseStatus.Complete)]
    [TestCase(5, ParseStatus.Invalid)]
    public void The_most_fields_are_the_limit(int fields, object expected)
    {
        byte[] message = Wire.Request([.. Enumerable.Repeat("X: y", fields - 1)]);
        var head = new RequestHead();

        ParseStatus status = head.Parse(message, Small);

        Assert.That(status, Is.EqualTo(expected));
        Assert.That(head.Fault, Is.EqualTo(status == ParseStatus.Complete ? HttpFault.None : HttpFault.TooManyFields));
    }

    // RFC 9112 section 3.
    [TestCase(128, ParseStatus.Complete)]
    [TestCase(129, ParseStatus.Invalid)]
    public void The_longest_request_line_is_the_limit(int lineBytes, object expected)
    {
        string target = "/" + new string('a', lineBytes - "GET / HTTP/1.1".Length);
        var head = new RequestHead();

        ParseStatus status = head.Parse(Wire.Message($"GET {target} HTTP/1.1", "Host: a"), Small);

        Assert.That(status, Is.EqualTo(expected));
        Assert.That(head.Fault.StatusCode, Is.EqualTo(status == ParseStatus.Complete ? 200 : 414));
    }

    [TestCase(64, 200)]
    [TestCase(65, 501)]
    public void The_longest_method_is_the_limit(int methodBytes, int expected)
    {
        byte[] message = Wire.Message($"{new string('M', methodBytes)} / HTTP/1.1", "Host: a");

        Assert.That(Wire.FaultOf(message).StatusCode, Is.EqualTo(expected));
    }

    // Lengths at which narrow counters wrap and buffers end (CVE-2021-40346).
    [TestCase(255)]
    [TestCase(256)]
    [TestCase(270)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(65535)]
    [TestCase(65536)]
    public void A_name_or_value_of_any_length_is_one(int length)
    {
        var limits = new HeadLimits(1 << 20, 100, 8192, 16);
        string long1 = new('n', length);
        byte[] message = Wire.Request($"{long1}: v", $"X: {long1}", "Content-Length: 7");
        var head = new RequestHead();

        Assert.That(head.Parse(message, limits), Is.EqualTo(ParseStatus.Complete));
        Assert.That(head.Fields.Count, Is.EqualTo(4));
        Assert.That(head.Fields[1].Name.TextOf(message), Is.EqualTo(long1));
        Assert.That(head.Fields[2].Value.TextOf(message), Is.EqualTo(long1));
        Assert.That(head.Framing, Is.EqualTo(new BodyFraming(BodyKind.Length, 7)));
    }

    [Test]
    public void More_fields_than_ever_before_are_all_kept()
    {
        byte[] message = Wire.Request([.. Enumerable.Range(0, 400).Select(i => $"X{i}: {i}"), "Connection: x399"]);
        var head = new RequestHead();

        Assert.That(head.Parse(message, new HeadLimits(1 << 20, 500, 8192, 16)), Is.EqualTo(ParseStatus.Complete));
        Assert.That(head.Fields[400].Value.TextOf(message), Is.EqualTo("399"));
        Assert.That(head.Fields.IsNominated(400));
        Assert.That(head.Fields.IsNominated(336), Is.False);
    }

    [Test]
    public void A_parsed_head_leaves_nothing_to_the_next()
    {
        byte[] rich = Wire.Bytes(
            "\r\nOPTIONS http://h HTTP/1.1\r\nHost: a\r\nConnection: close, keep-alive, upgrade, x\r\nUpgrade: u\r\n"
            + "X: y\r\nTE: trailers\r\nExpect: 100-continue\r\nMax-Forwards: 3\r\nContent-Length: 3\r\n\r\n");
        var used = new RequestHead();
        var fresh = new RequestHead();
        byte[] plain = Wire.Message("GET / HTTP/1.0", "A: 0", "A: 1", "A: 2", "A: 3", "A: 4");

        used.Parse(rich, HeadLimits.OfRequests);
        Assert.That(used.Fields.IsNominated(3));
        used.Parse(plain, HeadLimits.OfRequests);
        fresh.Parse(plain, HeadLimits.OfRequests);

        foreach (var property in typeof(RequestHead).GetProperties().Where(p => p.PropertyType.IsValueType))
        {
            Assert.That(property.GetValue(used), Is.EqualTo(property.GetValue(fresh)), property.Name);
        }

        Assert.That(Enumerable.Range(0, 5).Any(used.Fields.IsNominated), Is.False);
    }

    [Test]
    public void Parsing_and_rewriting_allocate_nothing()
    {
        byte[] message = Wire.Request("Connection: x, close", "X: y", "Content-Length: 5", "Via: 1.1 a", "Host_: b");
        var head = new RequestHead();
        byte[] written = new byte[4096];
        HeadLimits limits = HeadLimits.OfRequests;

        Assert.That(Allocated.BytesBy(() =>
        {
            head.Parse(message, limits);
            var rewrite = new RequestRewrite { ClientAddress = "::1"u8, Proto = "http"u8, Via = "l7engine"u8 };
            RequestHeadWriter.Write(head, message, rewrite, written);
        }), Is.Zero);
    }
}
