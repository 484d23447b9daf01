using System.Net;
using System.Text;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class PeerAddressTests
{
    // As the kernel lays them out on a little-endian machine: family, port, then the address.
    private static readonly byte[] RawIPv4 = [2, 0, 0x1F, 0x90, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly byte[] RawIPv6 =
        [10, 0, 0x01, 0xBB, 0, 0, 0, 0, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 3, 0, 0, 0];

    [Test]
    public void An_address_of_the_kernel_equals_the_one_of_the_framework()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(PeerAddress.FromSockAddr(RawIPv4), Is.EqualTo(Parse("192.0.2.1:8080")));
            Assert.That(PeerAddress.FromSockAddr(RawIPv6), Is.EqualTo(Parse("[fe80::5%3]:443")));
        }
    }

    [Test]
    public void An_address_of_another_family_is_the_default([Values(0, 1, 3, 16)] byte family)
    {
        byte[] raw = [.. RawIPv6];
        raw[0] = family;

        Assert.That(PeerAddress.FromSockAddr(raw), Is.EqualTo(default(PeerAddress)));
    }

    [Test]
    public void An_address_that_is_cut_short_is_the_default([Range(0, 27)] int length)
    {
        Assert.That(PeerAddress.FromSockAddr(RawIPv6.AsSpan(0, length)), Is.EqualTo(default(PeerAddress)));
    }

    [TestCase("192.0.2.1:80")]
    [TestCase("[::]:0")]
    [TestCase("[2001:db8::1]:65535")]
    [TestCase("[fe80::1%7]:443")]
    public void An_end_point_comes_back_as_it_was(string text)
    {
        Assert.That(Parse(text).ToIPEndPoint(), Is.EqualTo(IPEndPoint.Parse(text)));
    }

    [Test]
    public void An_IPv4_client_is_the_same_through_a_socket_for_both_families()
    {
        Assert.That(Parse("[::ffff:192.0.2.1]:80"), Is.EqualTo(Parse("192.0.2.1:80")));
    }

    [TestCase("192.0.2.1:80", "192.0.2.1:81", true)]
    [TestCase("192.0.2.1:80", "192.0.2.2:80", false)]
    [TestCase("[fe80::1%2]:80", "[fe80::1%3]:80", false, TestName = "the same link-local address in two zones")]
    public void A_host_is_its_address_whatever_its_port(string first, string second, bool same)
    {
        PeerAddress other = Parse(second);

        Assert.That(Parse(first).HasSameAddress(other), Is.EqualTo(same));
    }

    // The examples of RFC 5952 sections 4 and 5, and the ends of what can be shortened.
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("255.255.255.255", "255.255.255.255")]
    [TestCase("::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("::", "::")]
    [TestCase("::1", "::1")]
    [TestCase("1::", "1::")]
    [TestCase("2001:0db8::0001", "2001:db8::1")]
    [TestCase("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [TestCase("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [TestCase("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [TestCase("2001:DB8::ABCD", "2001:db8::abcd")]
    [TestCase("fe80::1%7", "fe80::1", TestName = "the zone stays here")]
    public void The_text_of_an_address_is_the_canonical_one(string address, string expected)
    {
        Assert.That(TextOf(IPAddress.Parse(address), PeerAddress.MaxAddressChars), Is.EqualTo(expected));
    }

    [Test]
    public void Any_address_reads_back_from_its_text([Random(200, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[16];
        for (int i = 0; i < bytes.Length; i += 2)
        {
            bytes[i + 1] = random.Next(2) == 0 ? (byte)0 : (byte)random.Next(256);
        }

        var address = new IPAddress(bytes);

        Assert.That(IPAddress.Parse(TextOf(address, PeerAddress.MaxAddressChars)!), Is.EqualTo(address), $"seed {seed}");
    }

    [TestCase("1111:2222:3333:4444:5555:6666:7777:8888")]
    [TestCase("2001:db8::1:0:0:1")]
    [TestCase("192.0.2.1")]
    public void A_text_that_does_not_fit_is_refused_at_every_length(string address)
    {
        for (int room = 0; room < address.Length; room++)
        {
            Assert.That(TextOf(IPAddress.Parse(address), room), Is.Null, $"room for {room}");
        }

        Assert.That(TextOf(IPAddress.Parse(address), address.Length), Is.EqualTo(address));
    }

    [TestCase("10.1.2.3", "10.0.0.0/8", true)]
    [TestCase("11.1.2.3", "10.0.0.0/8", false)]
    [TestCase("10.1.2.3", "10.1.2.3/32", true)]
    [TestCase("10.1.2.4", "10.1.2.3/32", false)]
    [TestCase("10.1.2.3", "0.0.0.0/0", true)]
    [TestCase("::1", "0.0.0.0/0", false)]
    [TestCase("10.1.2.3", "::/0", false)]
    [TestCase("::1", "::/0", true)]
    [TestCase("2001:db8::1", "2001:db8::/32", true)]
    [TestCase("2001:db9::1", "2001:db8::/32", false)]
    [TestCase("2001:db8:0:0:8000::1", "2001:db8:0:0:8000::/65", true)]
    [TestCase("2001:db8::1", "2001:db8:0:0:8000::/65", false)]
    [TestCase("10.1.2.3", "::ffff:10.0.0.0/104", true)]
    public void An_address_is_in_a_network_that_shares_its_prefix(string address, string network, bool expected)
    {
        var peer = PeerAddress.Of(new IPEndPoint(IPAddress.Parse(address), 80));

        Assert.That(peer.IsIn(IPNetwork.Parse(network)), Is.EqualTo(expected));
    }

    private static PeerAddress Parse(string endPoint) => PeerAddress.Of(IPEndPoint.Parse(endPoint));

    private static string? TextOf(IPAddress address, int room)
    {
        byte[] text = new byte[room];
        return PeerAddress.Of(new IPEndPoint(address, 80)).TryFormatAddress(text, out int written)
            ? Encoding.ASCII.GetString(text, 0, written)
            : null;
    }
}
