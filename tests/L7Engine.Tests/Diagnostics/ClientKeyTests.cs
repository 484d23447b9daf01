using System.Net;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

/// <summary>Which addresses are one client.</summary>
[TestFixture]
internal sealed class ClientKeyTests
{
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", TestName = "IPv4 and IPv4-mapped")]
    [TestCase("192.0.2.1", "64:ff9b::192.0.2.1", TestName = "IPv4 and NAT64")]
    [TestCase("::ffff:192.0.2.1", "64:ff9b::c000:201", TestName = "IPv4-mapped and NAT64")]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", TestName = "two hosts of a /64")]
    [TestCase("fe80::1%3", "fe80::1%4", TestName = "two zones")]
    public void These_are_one_client(string one, string other)
    {
        Assert.That(KeyOf(one), Is.EqualTo(KeyOf(other)));
        Assert.That(KeyOf(one).Hash, Is.EqualTo(KeyOf(other).Hash));
    }

    [TestCase("192.0.2.1", "192.0.2.2", TestName = "two IPv4 addresses")]
    [TestCase("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", TestName = "two IPv4 addresses behind NAT64")]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:3::1", TestName = "two networks of IPv6")]
    [TestCase("0.0.0.0", "::", TestName = "no address, either version")]
    [TestCase("192.0.2.1", "64:ff9b:1::192.0.2.1", TestName = "NAT64 of a local prefix is IPv6 like any other")]
    [TestCase("192.0.2.1", "64:ff9b::1:192.0.2.1", TestName = "96 bits of the prefix of NAT64")]
    public void These_are_two_clients(string one, string other)
    {
        Assert.That(KeyOf(one), Is.Not.EqualTo(KeyOf(other)));
    }

    [Test]
    public void The_prefix_of_ipv6_may_be_48_to_64_bits_and_leaves_ipv4_alone([Range(48, 64)] int bits)
    {
        UInt128 address = PeerAddress.Of(IPEndPoint.Parse("[2001:db8:1:2:3:4:5:6]:1")).Bits;
        PeerAddress last = PeerAddress.Of(address ^ (UInt128.One << (128 - bits)), 1);
        PeerAddress behind = PeerAddress.Of(address ^ (UInt128.One << (127 - bits)), 1);

        Assert.That(ClientKey.Of(last, bits), Is.Not.EqualTo(ClientKey.Of(PeerAddress.Of(address, 1), bits)));
        Assert.That(ClientKey.Of(behind, bits), Is.EqualTo(ClientKey.Of(PeerAddress.Of(address, 1), bits)));
        Assert.That(KeyOf("192.0.2.1", bits), Is.Not.EqualTo(KeyOf("192.0.3.1", bits)));
    }

    // Neighbours, and networks that differ in the high bits alone, must not crowd one shard: 4,096 keys in 256 shards
    // are 16 each, and a fair die gives none of them more than 48.
    [Test]
    public void Neighbours_spread_over_the_shards([Values("10.0.0.0", "2001:db8::")] string first)
    {
        UInt128 start = PeerAddress.Of(new IPEndPoint(IPAddress.Parse(first), 0)).Bits;
        UInt128 step = IPAddress.Parse(first).GetAddressBytes().Length == 4 ? 1 : UInt128.One << 64;
        int[] sizes = new int[256];
        for (uint i = 0; i < 4_096; i++)
        {
            sizes[ClientKey.Of(PeerAddress.Of(start + (i * step), 0), 64).Hash % 256]++;
        }

        Assert.That(sizes.Max(), Is.LessThan(48));
    }

    private static ClientKey KeyOf(string address, int bits = 64) =>
        ClientKey.Of(PeerAddress.Of(new IPEndPoint(IPAddress.Parse(address), 80)), bits);
}
