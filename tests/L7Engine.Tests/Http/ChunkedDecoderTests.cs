using System.Globalization;
using System.Text.RegularExpressions;
using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 9112 section 7.1, and what has gone wrong with it elsewhere.</summary>
[TestFixture]
internal sealed partial class ChunkedDecoderTests
{
    private static readonly string[] Valid =
    [
        "0\r\n\r\n",
        "00\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "1\r\na\r\nB\r\nhello world\r\n0\r\n\r\n",
        "5;a=b\r\nhello\r\n0;c\r\n\r\n",
        "5 ; a = \"b;\\\"\t\" ;c\r\nhello\r\n0\r\n\r\n",
        "2\r\n\r\n\r\n0\r\nX: y\r\nZ:\r\n\r\n",
        "3\r\n0\r\n\r\n0\r\n\r\n",
    ];

    private static readonly string[] Invalid =
    [
        "\r\nhello", "5\nhello", "5\rXhello", "+5\r\nhello", "-1\r\n", "0x5\r\nhello", " 5\r\nhello", "g\r\n", ";a\r\n",
        "5 \r\nhello", "5;\r\nhello", "5;\nxx\r\n", "5;\rxx\r\n", "5;a=\r\nhello", "5;a=\"b\r\nhello",
        "5;a=\"b\r\n\"\r\nhello",
        "5;a b\r\nhello", "5;a=b c\r\nhello", "5;a=\"b\"c\r\nhello", "5;(\r\nhello", "5 a\r\nhello", "5;a\0\r\nhello",
        "5;a=\u00E9\r\nhello", "5\r\nhelloX\n0\r\n\r\n", "5\r\nhello\rX0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n", "1000000000000000\r\n", "10000000000000000\r\n", "fffffffffffffffff\r\n", "5_0\r\nhello",
        "0\r\n\n", "0\r\n\rX", "0\r\nX : y\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\n: y\r\n\r\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: \0\r\n\r\n", "0\r\nX: y\r\n z\r\n\r\n", "0\n\r\n",
    ];

    [TestCaseSource(nameof(Valid))]
    public void A_body_is_the_data_of_its_chunks_however_it_is_cut(string text)
    {
        byte[] message = Wire.Bytes(text + "GET /next");
        string? expected = Oracle(text);

        for (int first = 0; first <= message.Length; first++)
        {
            for (int second = first; second <= message.Length; second++)
            {
                (string body, ChunkedStep step, int consumed) = Decode(message, first, second);
                Assert.That((body, step), Is.EqualTo((expected, ChunkedStep.End)), $"cut at {first} and {second}");
                Assert.That(consumed, Is.EqualTo(text.Length), "Nothing after the message is consumed.");
            }
        }
    }

    [TestCaseSource(nameof(Invalid))]
    public void A_malformed_body_is_invalid_for_the_same_reason_however_it_is_cut(string text)
    {
        byte[] message = Wire.Bytes(text);
        HttpFault fault = FaultOf(message, message.Length, message.Length);
        Assert.That(fault, Is.Not.EqualTo(HttpFault.None));

        for (int first = 0; first <= message.Length; first++)
        {
            for (int second = first; second <= message.Length; second++)
            {
                Assert.That(FaultOf(message, first, second), Is.EqualTo(fault), $"cut at {first} and {second}");
            }
        }
    }

    [TestCaseSource(nameof(Valid))]
    public void Every_prefix_of_a_body_needs_more(string text)
    {
        byte[] message = Wire.Bytes(text);
        for (int bytes = 0; bytes < message.Length; bytes++)
        {
            (_, ChunkedStep step, _) = Decode(message[..bytes], bytes, bytes);
            Assert.That(step, Is.EqualTo(ChunkedStep.NeedMore), $"{bytes} bytes");
        }
    }

    [Test]
    public void Random_bodies_are_what_an_oracle_reads([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            byte[] message = Wire.Bytes(Valid[random.Next(Valid.Length)]);
            for (int i = random.Next(3); i > 0; i--)
            {
                message[random.Next(message.Length)] = (byte)"\r\n0159af;=\" x:"[random.Next(14)];
            }

            int first = random.Next(message.Length + 1);
            int second = random.Next(first, message.Length + 1);
            (string body, ChunkedStep step, int consumed) = Decode(message, first, second);

            string text = Wire.Text(message);
            Assert.That(
                step == ChunkedStep.End ? body : null,
                Is.EqualTo(Oracle(text)), $"seed {seed}: {Regex.Escape(text)}");
            Assert.That(step != ChunkedStep.End || consumed == EndOf(text));
        }
    }

    // A size of more than 32 bits is no accident and no overflow; the data need not come.
    [TestCase("140000000", 5L << 30)]
    [TestCase("fffffffffffffff", (1L << 60) - 1)]
    [TestCase("000000000000000000000001", 1L)]
    public void A_chunk_may_be_larger_than_4_GiB(string size, long expected)
    {
        var decoder = Decoder();

        ChunkedStep step = decoder.Step(Wire.Bytes(size + "\r\n"), out _, out _);

        Assert.That((step, decoder.ChunkBytesLeft), Is.EqualTo((ChunkedStep.NeedMore, expected)));
    }

    [TestCase("1000000000000000")]
    [TestCase("8000000000000000")]
    [TestCase("fffffffffffffffff")]
    public void A_size_of_more_than_15_digits_overflows(string size)
    {
        Assert.That(FaultOf(Wire.Bytes(size + "\r\n"), 0, 0), Is.EqualTo(HttpFault.ChunkSizeOverflow));
    }

    [Test]
    public void Leading_zeros_have_an_end()
    {
        Assert.That(FaultOf(Wire.Bytes(new string('0', 33)), 0, 0), Is.EqualTo(HttpFault.ChunkSizeOverflow));
    }

    // RFC 9112 section 7.1.1: over the whole message, not per chunk.
    [TestCase(3, HttpFault.None)]
    [TestCase(4, HttpFault.ChunkExtensionsTooLong)]
    public void Extensions_are_counted_over_the_whole_body(int lastExtensionBytes, object fault)
    {
        var decoder = new ChunkedDecoder(maxExtensionBytes: 8, maxTrailerBytes: 100, maxTrailerFields: 10);
        byte[] message = Wire.Bytes($"1;abcd\r\nx\r\n1;{new string('a', lastExtensionBytes - 1)}\r\n");

        decoder.Step(message, out int consumed, out _);
        decoder.Step(message.AsSpan(consumed), out _, out _);

        Assert.That(decoder.Fault, Is.EqualTo(fault));
    }

    [TestCase(20, HttpFault.None)]
    [TestCase(21, HttpFault.TrailersTooLarge)]
    public void Trailers_have_a_limit_that_the_empty_line_is_not_part_of(int trailerBytes, object fault)
    {
        var decoder = new ChunkedDecoder(maxExtensionBytes: 8, maxTrailerBytes: 20, maxTrailerFields: 10);

        decoder.Step(Wire.Bytes($"0\r\nX:{new string('y', trailerBytes - 4)}\r\n\r\n"), out _, out _);

        Assert.That((decoder.Fault, decoder.IsEnd), Is.EqualTo((fault, decoder.Fault == HttpFault.None)));
    }

    [TestCase(2, HttpFault.None)]
    [TestCase(3, HttpFault.TrailersTooLarge)]
    public void Trailer_fields_are_counted(int fields, object fault)
    {
        var decoder = new ChunkedDecoder(maxExtensionBytes: 8, maxTrailerBytes: 100, maxTrailerFields: 2);

        decoder.Step(Wire.Bytes($"0\r\n{string.Concat(Enumerable.Repeat("X:y\r\n", fields))}\r\n"), out _, out _);

        Assert.That(decoder.Fault, Is.EqualTo(fault));
    }

    [Test]
    public void An_incomplete_trailer_section_stays_unconsumed()
    {
        var decoder = Decoder();

        ChunkedStep step = decoder.Step("0\r\nX: y\r\n"u8, out int consumed, out _);

        Assert.That((step, consumed), Is.EqualTo((ChunkedStep.NeedMore, 3)));
    }

    [Test]
    public void Trailers_are_where_the_last_step_found_them()
    {
        byte[] message = Wire.Bytes("0\r\nX: y\r\n\r\n");
        var decoder = Decoder();

        decoder.Step(message, out _, out _);

        Assert.That(decoder.Trailers.TextOf(message), Is.EqualTo("X: y\r\n"));
    }

    [Test]
    public void Body_bytes_are_counted()
    {
        var decoder = Decoder();
        byte[] message = Wire.Bytes("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

        ChunkedCompactor.Compact(ref decoder, message, out _, out _);

        Assert.That(decoder.BodyBytes, Is.EqualTo(5));
    }

    [Test]
    public void What_has_failed_stays_failed()
    {
        var decoder = Decoder();

        decoder.Step("x"u8, out _, out _);

        Assert.That(decoder.Step("5\r\nhello"u8, out _, out _), Is.EqualTo(ChunkedStep.Invalid));
    }

    // The compactor against the decoder, on blocks of any size.
    [TestCaseSource(nameof(Valid))]
    public void Data_of_one_block_is_joined(string text)
    {
        for (int blockBytes = 1; blockBytes <= text.Length; blockBytes++)
        {
            var decoder = Decoder();
            List<byte> rest = [.. Wire.Bytes(text)];
            List<byte> body = [];
            List<byte> held = [];
            ChunkedStep step = ChunkedStep.NeedMore;
            while (step == ChunkedStep.NeedMore)
            {
                int taken = Math.Min(blockBytes, rest.Count);
                byte[] block = [.. held, .. rest[..taken]];
                rest.RemoveRange(0, taken);
                step = ChunkedCompactor.Compact(ref decoder, block, out int consumed, out ByteRange data);
                body.AddRange(data.Of(block));
                held = [.. block[consumed..]];
                if (step == ChunkedStep.End)
                {
                    string trailers = text.Contains("X: y", StringComparison.Ordinal) ? "X: y\r\nZ:\r\n" : "";
                    Assert.That(decoder.Trailers.TextOf(block), Is.EqualTo(trailers));
                }
            }

            Assert.That(Wire.Text([.. body]), Is.EqualTo(Oracle(text)), $"blocks of {blockBytes}");
            Assert.That(step, Is.EqualTo(ChunkedStep.End), $"blocks of {blockBytes}");
        }
    }

    [Test]
    public void Decoding_allocates_nothing()
    {
        byte[] message = Wire.Bytes("5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n");
        var decoder = Decoder();
        ChunkedCompactor.Compact(ref decoder, message.AsSpan().ToArray(), out _, out _);
        decoder = Decoder();

        long before = GC.GetAllocatedBytesForCurrentThread();
        ChunkedStep step = ChunkedCompactor.Compact(ref decoder, message, out _, out _);

        Assert.That((step, GC.GetAllocatedBytesForCurrentThread() - before), Is.EqualTo((ChunkedStep.End, 0L)));
    }

    private static ChunkedDecoder Decoder() => new(4096, 8192, 100);

    private static HttpFault FaultOf(byte[] message, int first, int second)
    {
        var decoder = Decoder();
        DecodePieces(ref decoder, message, first, second, []);
        return decoder.Fault;
    }

    private static (string Body, ChunkedStep Step, int Consumed) Decode(byte[] message, int first, int second)
    {
        var decoder = Decoder();
        List<byte> body = [];
        (ChunkedStep step, int consumed) = DecodePieces(ref decoder, message, first, second, body);
        return (Wire.Text([.. body]), step, consumed);
    }

    /// <summary>Steps with what has arrived and was not consumed: up to each cut, then all of it.</summary>
    private static (ChunkedStep Step, int Consumed) DecodePieces(
        ref ChunkedDecoder decoder, byte[] message, int first, int second, List<byte> body)
    {
        int at = 0;
        ChunkedStep step = ChunkedStep.NeedMore;
        foreach (int end in (int[])[first, second, message.Length])
        {
            do
            {
                step = decoder.Step(message.AsSpan(at..end), out int consumed, out ByteRange data);
                body.AddRange(data.Of(message.AsSpan(at..end)));
                at += consumed;
            }
            while (step == ChunkedStep.Data);

            if (step != ChunkedStep.NeedMore)
            {
                break;
            }
        }

        return (step, at);
    }

    /// <returns>The body, or null when the text is not one whole chunked body, perhaps with more after it.</returns>
    private static string? Oracle(string text)
    {
        string body = "";
        while (ChunkLine().Match(text) is { Success: true } line)
        {
            int size = int.Parse(line.Groups[1].Value, NumberStyles.HexNumber, null);
            text = text[line.Length..];
            if (size == 0)
            {
                return Trailers().IsMatch(text) ? body : null;
            }

            if (text.Length < size + 2 || text.Substring(size, 2) != "\r\n")
            {
                return null;
            }

            body += text[..size];
            text = text[(size + 2)..];
        }

        return null;
    }

    private static int EndOf(string text)
    {
        string rest = text;
        while (true)
        {
            Match line = ChunkLine().Match(rest);
            int size = int.Parse(line.Groups[1].Value, NumberStyles.HexNumber, null);
            rest = rest[line.Length..];
            if (size == 0)
            {
                return text.Length - rest.Length + Trailers().Match(rest).Length;
            }

            rest = rest[(size + 2)..];
        }
    }

    [GeneratedRegex(
        @"\A([0-9A-Fa-f]{1,8})(?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+"
        + @"|""(?:[\t \x21\x23-\x5B\x5D-\x7E\x80-\xFF]|\\[\t \x21-\x7E\x80-\xFF])*""))?)*\r\n")]
    private static partial Regex ChunkLine();

    [GeneratedRegex(@"\A(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t \x21-\x7E\x80-\xFF]*\r\n)*\r\n")]
    private static partial Regex Trailers();
}
