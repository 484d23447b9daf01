using System.Net;
using L7Engine.Host.Text;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class TextTests
{
    [TestCase("0", 0)]
    [TestCase("0s", 0)]
    [TestCase("1ms", 1)]
    [TestCase("250ms", 250)]
    [TestCase("75s", 75_000)]
    [TestCase("2m", 120_000)]
    [TestCase("2h", 7_200_000)]
    [TestCase("1d", 86_400_000)]
    [TestCase("1h30m", 5_400_000)]
    [TestCase("1d2h3m4s5ms", 93_784_005)]
    public void A_duration_is_whole_numbers_with_units(string text, long milliseconds)
    {
        Assert.That(DurationText.TryParse(text, out TimeSpan duration));
        Assert.That(duration, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [TestCase("")]
    [TestCase("75")]
    [TestCase("s")]
    [TestCase("-1s")]
    [TestCase("1.5s")]
    [TestCase("1 s")]
    [TestCase("1S")]
    [TestCase("1min")]
    [TestCase("30m1h", TestName = "a larger unit after a smaller one")]
    [TestCase("1h1h", TestName = "a unit twice")]
    [TestCase("922337203686s", TestName = "one second more than there is")]
    [TestCase("99999999999999999999s", TestName = "a number of no type")]
    [TestCase("none")]
    public void What_is_no_duration_is_refused(string text)
    {
        Assert.That(DurationText.TryParse(text, out _), Is.False);
    }

    [TestCase(0, "0s")]
    [TestCase(1, "1ms")]
    [TestCase(1_500, "1500ms")]
    [TestCase(75_000, "75s")]
    [TestCase(5_400_000, "90m")]
    [TestCase(7_200_000, "2h")]
    [TestCase(172_800_000, "2d")]
    public void A_duration_is_written_in_the_largest_unit_that_divides_it(long milliseconds, string text)
    {
        Assert.That(DurationText.Of(TimeSpan.FromMilliseconds(milliseconds)), Is.EqualTo(text));
    }

    [TestCase("0", 0)]
    [TestCase("512", 512)]
    [TestCase("512B", 512)]
    [TestCase("64KiB", 65_536)]
    [TestCase("1MiB", 1_048_576)]
    [TestCase("3GiB", 3_221_225_472)]
    [TestCase("8388607TiB", 9_223_370_937_343_148_032)]
    [TestCase("9223372036854775807", long.MaxValue)]
    public void A_size_is_a_whole_number_with_a_unit_or_none(string text, long bytes)
    {
        Assert.That(SizeText.TryParse(text, out long read));
        Assert.That(read, Is.EqualTo(bytes));
        Assert.That(SizeText.TryParse(SizeText.Of(bytes), out long again) && again == bytes);
    }

    [TestCase("")]
    [TestCase("B")]
    [TestCase("64KB")]
    [TestCase("64K")]
    [TestCase("64kib")]
    [TestCase("1.5MiB")]
    [TestCase("-1")]
    [TestCase("1 KiB")]
    [TestCase("8388608TiB", TestName = "one more than there is")]
    [TestCase("9223372036854775808", TestName = "one byte more than there is")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.That(SizeText.TryParse(text, out _), Is.False);
    }

    [TestCase("127.0.0.1:8080", true)]
    [TestCase("0.0.0.0:0", true)]
    [TestCase("[::1]:65535", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("127.0.0.1:", false)]
    [TestCase("127.0.0.1:65536", false)]
    [TestCase("127.1:80", false)]
    [TestCase("1:80", false)]
    [TestCase("010.0.0.1:80", false)]
    [TestCase("::1:80", false)]
    [TestCase("[127.0.0.1]:80", false)]
    [TestCase("[[::1]:80]:80", false)]
    [TestCase("localhost:80", false)]
    [TestCase(":80", false)]
    [TestCase("127.0.0.1:+80", false)]
    public void An_address_is_written_in_full_and_has_a_port(string text, bool isAddress)
    {
        Assert.That(AddressText.TryParse(text, out IPEndPoint address), Is.EqualTo(isAddress));
        Assert.That(!isAddress || address.ToString() == text);
    }

    [TestCase("127.0.0.1:8080", false)]
    [TestCase("[::1]:8080", false)]
    [TestCase("localhost:80", true)]
    [TestCase("App.Example.:1", true)]
    public void A_backend_is_an_address_or_else_a_name_and_is_written_as_it_was_read(string text, bool isName)
    {
        Assert.That(AddressText.TryParse(text, out EndPoint address));
        Assert.That(address is DnsEndPoint, Is.EqualTo(isName));
        Assert.That(AddressText.Of(address), Is.EqualTo(text));
    }

    [TestCase("localhost")]
    [TestCase(":80")]
    [TestCase("localhost:")]
    [TestCase("localhost:65536")]
    [TestCase("localhost:+80")]
    [TestCase("::1:80")]
    [TestCase("[localhost]:80")]
    [TestCase("http://localhost:80")]
    public void What_is_neither_address_nor_name_with_a_port_is_no_backend(string text)
    {
        Assert.That(AddressText.TryParse(text, out EndPoint _), Is.False);
    }

    [TestCase("10.0.0.0/8", "10.0.0.0/8")]
    [TestCase("10.1.2.3", "10.1.2.3/32")]
    [TestCase("fd00::/8", "fd00::/8")]
    [TestCase("::1", "::1/128")]
    public void A_network_is_a_prefix_or_one_address(string text, string expected)
    {
        Assert.That(AddressText.TryParse(text, out IPNetwork network));
        Assert.That(network.ToString(), Is.EqualTo(expected));
    }

    [TestCase("idleTimout", "idleTimeout")]
    [TestCase("IDLETIMEOUT", "idleTimeout")]
    [TestCase("idelTimeout", "idleTimeout")]
    [TestCase("maxage", "maxAge")]
    [TestCase("maxAeg", "maxAge")]
    [TestCase("something", null)]
    [TestCase("x", null)]
    [TestCase("", null)]
    public void The_nearest_name_is_guessed_only_when_it_is_near(string written, string? expected)
    {
        Assert.That(NearestName.Of(written, ["idleTimeout", "maxRequests", "maxAge"]), Is.EqualTo(expected));
    }

    [TestCase("plain ä € text")]
    [TestCase("\"quoted\" \\ kept")]
    public void What_is_harmless_stays_as_it_is(string text)
    {
        Assert.That(PlainText.OneLine(text), Is.SameAs(text));
    }

    [TestCase("a\r\nb", "a\\r\\nb")]
    [TestCase("a\u001b[2J", "a\\u001b[2J")]
    [TestCase("\u007f\u0085\u009b", "\\u007f\\u0085\\u009b")]
    [TestCase("\u202e\u2066\u200f\u2028\ufeff", "\\u202e\\u2066\\u200f\\u2028\\ufeff")]
    [TestCase("\0", "\\u0000")]
    public void What_could_break_a_line_or_deceive_its_reader_is_escaped(string text, string expected)
    {
        Assert.That(PlainText.OneLine(text), Is.EqualTo(expected));
    }
}
