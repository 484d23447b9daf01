using System.Buffers.Binary;
using System.Net;
using System.Text;
using L7Engine.Diagnostics;
using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>The PROXY protocol header, version 1 and 2, as HAProxy's doc/proxy-protocol.txt has it.</summary>
[TestFixture]
internal sealed class ProxyHeaderParserTests
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";
    private const string IPv4 = "\u00C0\u0000\u0002\u0001\u00CB\u0000\u0071\u0007\u0030\u0039\u0000\u0050";
    private const string IPv6 = " \u0001\r\u00B8\0\u0001\0\u0002\0\0\0\0\0\0\0\u0003 \u0001\r\u00B8\0\0\0\0\0\0\0\0\0\0\0\u0001\u0030\u0039\0P";

    // What HAProxy 2.6 sent with "send-proxy-v2 proxy-v2-options crc32c,unique-id".
    private const string OfHAProxy =
        "0D0A0D0A000D0A515549540A211100197F0000017F000001C2B8E4DF030004EF597F56050003616263";

    private static readonly string Longest6 = string.Join(':', Enumerable.Repeat("ffff", 8));

    // The header, and the client it names; null for one that names nobody.
    private static readonly (string Header, string? Client)[] Valid =
    [
        ("PROXY TCP4 192.0.2.1 203.0.113.7 12345 80\r\n", "192.0.2.1:12345"),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
        ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0"),
        ("PROXY TCP6 2001:db8:1:2::3 2001:db8::1 12345 80\r\n", "[2001:db8:1:2::3]:12345"),
        ("PROXY TCP6 ::FFFF:192.0.2.1 ::1 12345 80\r\n", "192.0.2.1:12345"),
        ($"PROXY TCP6 {Longest6} {Longest6} 65535 65535\r\n", $"[{Longest6}]:65535"),
        ("PROXY UNKNOWN\r\n", null),
        ($"PROXY UNKNOWN {Longest6} {Longest6} 65535 65535\r\n", null),
        ("PROXY UNKNOWN \0 what ever\r\n", null),
        (Binary(0x21, 0x11, IPv4), "192.0.2.1:12345"),
        (Binary(0x21, 0x21, IPv6), "[2001:db8:1:2::3]:12345"),
        (Binary(0x21, 0x11, IPv4 + "\u0004\0\u0003abc\u0030\0\0"), "192.0.2.1:12345"),
        (Binary(0x21, 0x11, IPv4 + "\u0004\u000F\u00E1" + new string('\u00FF', 4_096 - 31)), "192.0.2.1:12345"),
        (Binary(0x21, 0x12, IPv4), null),
        (Binary(0x21, 0x22, IPv6), null),
        (Binary(0x21, 0x31, new string('/', 216)), null),
        (Binary(0x21, 0x00, ""), null),
        (Binary(0x21, 0x00, "abc"), null),
        (Binary(0x20, 0x00, ""), null),
        (Binary(0x20, 0x11, IPv4), null),
        (Binary(0x20, 0xFF, "abc"), null),
        (Binary(0x20, 0x00, new string('x', 4_080)), null),
        (Encoding.Latin1.GetString(Convert.FromHexString(OfHAProxy)), "127.0.0.1:49848"),
    ];

    private static readonly string[] Malformed =
    [
        "GET / HTTP/1.1\r\n\r\n",
        "\u0016\u0003\u0001",
        " PROXY UNKNOWN\r\n",
        "proxy UNKNOWN\r\n",
        "PROXY\r\n",
        "PROXY \r\n",
        "PROXY  UNKNOWN\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY UNKNOWN\n",
        "PROXY UNKNOWN\rX",
        "PROXY UNKNOWN a\nb\r\n",
        "PROXY TCP5 192.0.2.1 203.0.113.7 12345 80\r\n",
        "PROXY tcp4 192.0.2.1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 192.0.2.1\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 12345\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 12345 \r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 12345 80 \r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 12345 80 90\r\n",
        "PROXY TCP4  192.0.2.1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2.1\t203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2.01 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2.256 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2.1.1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0..1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 3221225985 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 0xC0.0.2.1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 ::1 203.0.113.7 12345 80\r\n",
        "PROXY TCP4 192.0.2.1 ::1 12345 80\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 65536 80\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 012 80\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 -1 80\r\n",
        "PROXY TCP4 192.0.2.1 203.0.113.7 12345 99999999999\r\n",
        "PROXY TCP6 192.0.2.1 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 2001:db8::1::2 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 2001:db8::12345 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 [2001:db8::1] 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 fe80::1%1 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 2001:db8::/64 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 2001:db8::1 12345 80\r\n",
        "PROXY TCP6 2001:db8::1 : 12345 80\r\n",
        "PROXY UNKNOWN " + new string('x', 92) + "\r\n",
        "PROXY UNKNOWN " + new string('x', 10_000),
        "\r\n\r\nGET",
        "\r\n\r\n\0\r\nQUIT\r",
        Signature + "\u0011\u0011\0\u000C" + IPv4,
        Signature + "\u0031\u0011\0\u000C" + IPv4,
        Binary(0x22, 0x11, IPv4),
        Binary(0x21, 0x11, IPv4[..11]),
        Binary(0x21, 0x21, IPv6[..35]),
        Binary(0x21, 0x21, IPv4),
        Binary(0x21, 0x31, new string('/', 215)),
        Binary(0x21, 0x41, IPv6),
        Binary(0x21, 0x13, IPv4),
        Binary(0x21, 0x03, IPv4),
        Binary(0x21, 0x11, IPv4 + new string('x', 4_097 - 28)),
        Binary(0x21, 0x11, IPv4 + "\u0004"),
        Binary(0x21, 0x11, IPv4 + "\u0004\0"),
        Binary(0x21, 0x11, IPv4 + "\u0004\0\u0001"),
        Binary(0x21, 0x12, IPv4 + "\u0004\0\u0003abc\u0030\0\u00FF"),
        Binary(0x21, 0x21, IPv6 + "\u0003\0\u0003abc"),
        Binary(0x21, 0x21, IPv6 + "\u0003\0\u0004abcd"),
        Binary(0x20, 0x00, new string('x', 4_081)),
        Signature + "\u0020\u0000\u00FF\u00FF",
    ];

    [Test]
    public void A_header_names_its_client_at_any_cut_and_only_when_it_is_whole(
        [Range(0, 22)] int index, [Values("", "GET / HTTP/1.1\r\n\r\n", "PROXY UNKNOWN\r\n", "\n")] string behind)
    {
        (string text, string? client) = Valid[index];
        byte[] bytes = Encoding.Latin1.GetBytes(text + behind);
        for (int cut = 0; cut < text.Length; cut++)
        {
            Assert.That(ProxyHeaderParser.Parse(bytes.AsSpan(0, cut), out _), Is.EqualTo(ParseStatus.NeedMore), $"cut {cut}");
        }

        for (int cut = text.Length; cut <= bytes.Length; cut++)
        {
            ParseStatus parsed = ProxyHeaderParser.Parse(bytes.AsSpan(0, cut), out ProxyHeader header);

            Assert.That((parsed, header.TotalBytes), Is.EqualTo((ParseStatus.Complete, text.Length)));
            Assert.That(ClientOf(header), Is.EqualTo(client is null ? null : IPEndPoint.Parse(client)));
        }
    }

    // The checksum is of all of the header, wherever in it it is, with zeros in its own place.
    [TestCase(0x11, IPv4, "", "")]
    [TestCase(0x11, IPv4, "\u0004\0\u0003abc", "")]
    [TestCase(0x21, IPv6, "", "\u0004\0\u0001a")]
    public void A_header_that_does_not_match_its_checksum_names_nobody(
        int familyAndProtocol, string addresses, string before, string behind)
    {
        string zeros = Binary(0x21, familyAndProtocol, addresses + before + "\u0003\0\u0004\0\0\0\0" + behind);
        byte[] header = Encoding.Latin1.GetBytes(zeros);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(header.Length - behind.Length - 4), ChecksumOf(header));

        Assert.That(StatusAt(header, header.Length), Is.EqualTo(ParseStatus.Complete));
        for (int bit = 16 * 8; bit < header.Length * 8; bit++)
        {
            byte[] wrong = [.. header];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            bool isChecked = bit / 8 < 16 + addresses.Length || bit / 8 >= header.Length - behind.Length - 4;
            Assert.That(!isChecked || StatusAt(wrong, wrong.Length) == ParseStatus.Invalid, $"bit {bit}");
        }
    }

    [Test]
    public void The_checksum_of_these_tests_is_that_of_the_catalogues() =>
        Assert.That(ChecksumOf("123456789"u8), Is.EqualTo(0xE3069283));

    [TestCaseSource(nameof(Malformed))]
    public void What_is_no_header_is_invalid_and_stays_so_from_its_first_wrong_byte_on(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        int first = Enumerable.Range(0, bytes.Length + 1).First(cut => StatusAt(bytes, cut) != ParseStatus.NeedMore);

        Assert.That(Enumerable.Range(first, bytes.Length - first + 1).Select(cut => StatusAt(bytes, cut)),
            Is.All.EqualTo(ParseStatus.Invalid));
    }

    [TestCase("G", 1)]
    [TestCase("PROXX", 5)]
    [TestCase("\r\n\r\n\r", 5)]
    [TestCase(Signature + "!\u0011", 14)]
    public void What_cannot_become_a_header_is_not_waited_for(string text, int wrongAt)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);

        Assert.That(StatusAt(bytes, wrongAt - 1), Is.EqualTo(ParseStatus.NeedMore));
        Assert.That(StatusAt(bytes, wrongAt), Is.EqualTo(wrongAt < 14 ? ParseStatus.Invalid : ParseStatus.NeedMore));
    }

    [Test]
    public void A_line_may_have_107_bytes_and_is_not_waited_for_past_that()
    {
        byte[] longest = Encoding.Latin1.GetBytes("PROXY UNKNOWN " + new string('x', 91) + "\r\n");
        byte[] endless = Encoding.Latin1.GetBytes("PROXY UNKNOWN " + new string('x', 92));

        Assert.That(longest, Has.Length.EqualTo(107));
        Assert.That(StatusAt(longest, 107), Is.EqualTo(ParseStatus.Complete));
        Assert.That(StatusAt(endless, 105), Is.EqualTo(ParseStatus.NeedMore));
        Assert.That(StatusAt(endless, 106), Is.EqualTo(ParseStatus.Invalid));
    }

    // Nothing is thrown, nothing is read past what is there, and a decision once made holds for whatever comes behind.
    [Test]
    public void Garbage_is_refused_and_never_more(
        [Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = Mutated(random);
            int cut = random.Next(bytes.Length + 1);
            ParseStatus early = ProxyHeaderParser.Parse(bytes.AsSpan(0, cut), out ProxyHeader first);
            ParseStatus late = ProxyHeaderParser.Parse(bytes, out ProxyHeader second);

            string shown = $"seed {seed}, {Convert.ToHexString(bytes)} cut at {cut}";
            Assert.That(early == ParseStatus.NeedMore || (early, first) == (late, second), shown);
            Assert.That(late != ParseStatus.Complete || second.TotalBytes <= bytes.Length, shown);
        }
    }

    [Test]
    public void Parsing_allocates_nothing_but_for_the_text_of_an_ipv6_address()
    {
        byte[][] headers = [.. Valid.Where(v => !v.Header.StartsWith("PROXY TCP6", StringComparison.Ordinal))
            .Select(v => Encoding.Latin1.GetBytes(v.Header))];

        Assert.That(Allocated.BytesBy(() => Array.ForEach(headers, h => ProxyHeaderParser.Parse(h, out _))), Is.Zero);
    }

    private static byte[] Mutated(Random random)
    {
        string from = random.Next(3) == 0 ? Malformed[random.Next(Malformed.Length)] : Valid[random.Next(Valid.Length)].Header;
        byte[] bytes = Encoding.Latin1.GetBytes(from.Length > 300 ? from[..300] : from);
        for (int changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
        {
            int at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                2 => [.. bytes[..at], (byte)" \r\n.:0f"[random.Next(7)], .. bytes[(at + 1)..]],
                _ => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
            };
        }

        return bytes;
    }

    // CRC-32C, bit by bit (RFC 3720 appendix B.4).
    private static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte b in bytes)
        {
            sum ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0x82F63B78);
            }
        }

        return ~sum;
    }

    private static ParseStatus StatusAt(byte[] bytes, int cut) => ProxyHeaderParser.Parse(bytes.AsSpan(0, cut), out _);

    private static IPEndPoint? ClientOf(ProxyHeader header) =>
        header.HasSource ? PeerAddress.Of(header.Source, header.SourcePort).ToIPEndPoint() : null;

    private static string Binary(int versionAndCommand, int familyAndProtocol, string rest) =>
        Signature + (char)versionAndCommand + (char)familyAndProtocol + (char)(rest.Length >> 8)
        + (char)(rest.Length & 255) + rest;
}
