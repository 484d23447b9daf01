using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

[TestFixture]
internal sealed class HeadGateTests
{
    [TestCase(1024, true)]
    [TestCase(1025, false)]
    public void A_short_head_is_always_parsed(int totalBytes, bool expected)
    {
        Assert.That(HeadGate.IsWorthParsing("a"u8, totalBytes), Is.EqualTo(expected));
    }

    [TestCase("a\r", true)]
    [TestCase("\n", true)]
    [TestCase("a\0", true)]
    [TestCase("a\tb \u00E9", false)]
    public void A_long_head_is_parsed_when_a_control_byte_arrives(string newBytes, bool expected)
    {
        Assert.That(HeadGate.IsWorthParsing(Wire.Bytes(newBytes), 2000), Is.EqualTo(expected));
    }

    [TestCase(4095, false)]
    [TestCase(4096, true)]
    [TestCase(4097, false)]
    public void A_long_head_is_parsed_once_in_a_stride_for_its_limits(int totalBytes, bool expected)
    {
        Assert.That(HeadGate.IsWorthParsing("a"u8, totalBytes), Is.EqualTo(expected));
    }

    [Test]
    public void A_head_that_drips_in_is_parsed_a_bounded_number_of_times()
    {
        byte[] message = Wire.Request([.. Enumerable.Repeat("X: " + new string('a', 295), 98)]);
        int parses = Enumerable.Range(0, message.Length)
            .Count(i => HeadGate.IsWorthParsing(message.AsSpan(i, 1), i + 1));

        Assert.That(parses, Is.LessThan(1024 + (2 * 102) + (message.Length / 4096)));
    }
}
