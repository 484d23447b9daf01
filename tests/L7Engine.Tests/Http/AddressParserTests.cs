using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

[TestFixture]
internal sealed class AddressParserTests
{
    [TestCase("0.0.0.0", "::ffff:0:0")]
    [TestCase("255.255.255.255", "::ffff:ffff:ffff")]
    [TestCase("::", "::")]
    [TestCase("::1", "::1")]
    [TestCase("1::", "1::")]
    [TestCase("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [TestCase("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [TestCase("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304")]
    [TestCase("::ffff:192.0.2.1", "::ffff:c000:201")]
    [TestCase("2001:DB8::00Ff", "2001:db8::ff")]
    public void An_address_is_read(string text, string expected)
    {
        Assert.That(AddressParser.TryRead(Wire.Bytes(text), out UInt128 address), Is.True);
        Assert.That(address, Is.EqualTo(BitsOf(IPAddress.Parse(expected))));
    }

    [TestCase("")]
    [TestCase("1.2.3")]
    [TestCase("1.2.3.4.5")]
    [TestCase("1.2.3.04")]
    [TestCase("1.2.3.256")]
    [TestCase("1.2.3.+4")]
    [TestCase("1.2.3.4 ")]
    [TestCase(":")]
    [TestCase(":::")]
    [TestCase("1::2::3")]
    [TestCase(":1::")]
    [TestCase("1:2:3:4:5:6:7")]
    [TestCase("1:2:3:4:5:6:7:8:9")]
    [TestCase("1:2:3:4:5:6:7:8::")]
    [TestCase("1:2:3:4::5:6:7:8")]
    [TestCase("12345::")]
    [TestCase("+1::")]
    [TestCase("1.2.3.4::")]
    [TestCase("::1.2.3.4:5")]
    [TestCase("1:2:3:4:5:6:7:1.2.3.4")]
    [TestCase("fe80::1%1")]
    [TestCase("[::1]")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.That(AddressParser.TryRead(Wire.Bytes(text), out _), Is.False);
    }

    // The parser of the platform takes more than we do, and what both take must be the same.
    [Test]
    public void Any_text_means_what_the_platform_reads_in_it([Random(20, Distinct = true)] int seed)
    {
        const string Letters = "0123456789abcfF:::..";
        var random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 5_000; i++)
        {
            string text = Mutated(random, Letters);
            if (AddressParser.TryRead(Wire.Bytes(text), out UInt128 address))
            {
                read++;
                Assert.That(IPAddress.TryParse(text, out IPAddress? expected), Is.True, $"seed {seed}: {text}");
                Assert.That(address, Is.EqualTo(BitsOf(expected!)), $"seed {seed}: {text}");
            }
        }

        Assert.That(read, Is.GreaterThan(500));
    }

    [Test]
    public void What_is_written_of_any_address_is_read_again([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 1_000; i++)
        {
            random.NextBytes(bytes);
            bytes.AsSpan(random.Next(16), 1).Clear();
            bytes.AsSpan(2 * random.Next(4), 2 * random.Next(4)).Clear();
            var expected = new IPAddress(random.Next(2) == 0 ? bytes : bytes[..4]);

            Assert.That(AddressParser.TryRead(Wire.Bytes(expected.ToString()), out UInt128 address), Is.True);
            Assert.That(address, Is.EqualTo(BitsOf(expected)), expected.ToString());
        }
    }

    [Test]
    public void Reading_allocates_nothing()
    {
        byte[] text = Wire.Bytes("2001:db8::192.0.2.1");

        Assert.That(Allocated.BytesBy(() => AddressParser.TryRead(text, out _)), Is.Zero);
    }

    private static string Mutated(Random random, string letters)
    {
        byte[] bytes = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(bytes);
        bytes.AsSpan(bytes.Length / 4, random.Next(bytes.Length / 2)).Clear();
        var text = new System.Text.StringBuilder(new IPAddress(bytes).ToString());
        for (int i = random.Next(3); i > 0; i--)
        {
            int at = random.Next(text.Length);
            _ = random.Next(2) == 0 && text.Length > 1
                ? text.Remove(at, 1)
                : text.Insert(at, letters[random.Next(letters.Length)]);
        }

        return text.ToString();
    }

    private static UInt128 BitsOf(IPAddress address)
    {
        IPAddress mapped = address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address;
        return BinaryPrimitives.ReadUInt128BigEndian(mapped.GetAddressBytes());
    }
}
