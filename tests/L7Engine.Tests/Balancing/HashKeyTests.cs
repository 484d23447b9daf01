using System.Net;
using L7Engine.Balancing;
using L7Engine.Diagnostics;
using L7Engine.Tests.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class HashKeyTests
{
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", true)]
    [TestCase("192.0.2.1", "64:ff9b::192.0.2.1", true)]
    [TestCase("192.0.2.1", "192.0.2.2", false)]
    [TestCase("2001:db8::1", "2001:db8::ffff:1", true)]
    [TestCase("2001:db8::1", "2001:db8:0:1::1", false)]
    public void A_client_is_an_address_or_a_network_of_IPv6(string a, string b, bool isSame)
    {
        byte[] message = Wire.Request();

        Assert.That(KeyOf(HashInput.ClientAddress, message, a) == KeyOf(HashInput.ClientAddress, message, b),
            Is.EqualTo(isSame));
    }

    [TestCase("a.example", "A.Example:80", true)]
    [TestCase("a.example", "a.example.", true)]
    [TestCase("[::1]:80", "[::1]", true)]
    [TestCase("a.example", "b.example", false)]
    [TestCase("[::1]", "[::2]", false)]
    public void A_host_counts_without_case_port_and_final_dot(string a, string b, bool isSame)
    {
        ulong keyOfA = KeyOf(HashInput.Host, Wire.Message("GET / HTTP/1.1", "Host: " + a));
        ulong keyOfB = KeyOf(HashInput.Host, Wire.Message("GET / HTTP/1.1", "Host: " + b));

        Assert.That(keyOfA == keyOfB, Is.EqualTo(isSame));
    }

    [TestCase("/a/b", "/a/b?c=1", true)]
    [TestCase("http://h?q", "/", true)]
    [TestCase("/a/b", "/a/B", false)]
    [TestCase("/", "/a", false)]
    public void A_path_counts_as_it_was_sent_without_its_query(string a, string b, bool isSame)
    {
        ulong keyOfA = KeyOf(HashInput.Path, Wire.Message($"GET {a} HTTP/1.1", "Host: h"));
        ulong keyOfB = KeyOf(HashInput.Path, Wire.Message($"GET {b} HTTP/1.1", "Host: h"));

        Assert.That(keyOfA == keyOfB, Is.EqualTo(isSame));
    }

    [Test]
    public void A_field_counts_by_its_first_value()
    {
        ulong once = KeyOf(HashInput.Header, Wire.Request("x-USER:  u1 "));

        Assert.That(once, Is.EqualTo(KeyOf(HashInput.Header, Wire.Request("X-User: u1", "X-User: u2"))));
        Assert.That(once, Is.Not.EqualTo(KeyOf(HashInput.Header, Wire.Request("X-User: u2"))));
    }

    [Test]
    public void A_request_without_what_decides_has_no_key()
    {
        Assert.That(KeyOf(HashInput.Header, Wire.Request("X-Other: 1")), Is.Zero);
        Assert.That(KeyOf(HashInput.Header, Wire.Request("X-User:")), Is.Zero);
        Assert.That(KeyOf(HashInput.Host, Wire.Message("GET / HTTP/1.0")), Is.Zero);
    }

    [Test]
    public void A_host_of_any_length_has_a_key()
    {
        Assert.That(KeyOf(HashInput.Host, Wire.Request()), Is.Not.Zero);
        Assert.That(
            KeyOf(HashInput.Host, Wire.Message("GET / HTTP/1.1", "Host: " + new string('a', 5_000))), Is.Not.Zero);
    }

    [Test]
    public void A_key_costs_no_allocation([Values] HashInput input)
    {
        byte[] message = Wire.Message("GET /a?b HTTP/1.1", "Host: A.example:80", "X-User: u");
        L7Engine.Http.RequestHead head = Wire.Parsed(message);
        var key = new HashKey(input, "X-User");
        PeerAddress client = PeerAddress.Of(IPEndPoint.Parse("192.0.2.1:5"));

        Assert.That(Allocated.BytesBy(() => key.Of(new BalancingRequest(head, message, client))), Is.Zero);
    }

    // Every tail length, and each bit of a text, makes a difference.
    [Test]
    public void Texts_that_differ_in_one_bit_or_in_length_differ_in_their_hash([Range(0, 17)] int length)
    {
        byte[] text = new byte[length];
        HashSet<ulong> seen = [StableHash.Of(text)];
        for (int bit = 0; bit < 8 * length; bit++)
        {
            text[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(seen.Add(StableHash.Of(text)), Is.True);
            text[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.That(seen.Add(StableHash.Of(new byte[length + 1])), Is.True);
    }

    private static ulong KeyOf(HashInput input, byte[] message, string client = "192.0.2.9") =>
        new HashKey(input, "X-User").Of(new BalancingRequest(
            Wire.Parsed(message), message, PeerAddress.Of(new IPEndPoint(IPAddress.Parse(client), 1))));
}
