using System.Net;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Proxying;
using L7Engine.Tests.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>The rightmost address of X-Forwarded-For that is not trusted, and nothing that the client claims.</summary>
[TestFixture]
internal sealed class ClientIdentityTests
{
    private static readonly ListenerPlan Listener = new(
        Valid.Listener with { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")] },
        new Timeouts(), new ViaToken());

    [TestCase("192.0.2.1", "X-Forwarded-For: 192.0.2.1")]
    [TestCase("192.0.2.1", "X-Forwarded-For: 9.9.9.9, 192.0.2.1, 10.0.0.2")]
    [TestCase("192.0.2.1", "X-Forwarded-For: 9.9.9.9,192.0.2.1 , , fd00::2")]
    [TestCase("2001:db8::1", "X-Forwarded-For: [2001:db8::1]:4711")]
    [TestCase("2001:db8::1", "X-Forwarded-For: [2001:db8::1]")]
    [TestCase("2001:db8::1:80", "X-Forwarded-For: 2001:db8::1:80")]
    [TestCase("192.0.2.1", "X-Forwarded-For: 192.0.2.1:4711")]
    public void The_last_that_is_no_proxy_of_ours_is_the_client(string expected, string line)
    {
        Assert.That(Of(line), Is.EqualTo(expected));
    }

    [Test]
    public void Lines_count_as_one_list()
    {
        Assert.That(
            Of("X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 192.0.2.1", "X-Other: 3.3.3.3", "X-Forwarded-For: 10.0.0.2"),
            Is.EqualTo("192.0.2.1"));
    }

    [TestCase("10.0.0.2", "X-Forwarded-For: 10.0.0.2, 10.0.0.3")]
    [TestCase("10.0.0.3", "X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.3")]
    [TestCase("10.0.0.3", "X-Forwarded-For: 192.0.2.1, [::1, 10.0.0.3")]
    [TestCase("10.0.0.3", "X-Forwarded-For: 192.0.2.1, 192.0.2.1:70000, 10.0.0.3")]
    [TestCase("10.0.0.1", "X-Forwarded-For: _hidden")]
    [TestCase("10.0.0.1", "X-Forwarded-For:")]
    [TestCase("10.0.0.1", "X-Real-IP: 192.0.2.1")]
    public void It_stops_at_the_last_good_one(string expected, string line)
    {
        Assert.That(Of(line), Is.EqualTo(expected));
    }

    [Test]
    public void Who_is_not_trusted_names_nobody()
    {
        byte[] message = Wire.Request("X-Forwarded-For: 192.0.2.1");

        Assert.That(Of(message, "198.51.100.1", isTrusted: false), Is.EqualTo("198.51.100.1"));
    }

    [TestCase(31, "192.0.2.1")]
    [TestCase(32, "10.0.0.2")]
    public void At_most_32_are_read(int proxies, string expected)
    {
        Assert.That(
            Of("X-Forwarded-For: 192.0.2.1" + string.Concat(Enumerable.Repeat(",10.0.0.2", proxies))),
            Is.EqualTo(expected));
    }

    [Test]
    public void Finding_it_allocates_nothing()
    {
        byte[] message = Wire.Request("X-Forwarded-For: 2001:db8::1, 10.0.0.2");
        RequestHead head = Wire.Parsed(message);
        PeerAddress peer = PeerAddress.Of(IPEndPoint.Parse("10.0.0.1:1"));

        Assert.That(
            Allocated.BytesBy(() => ClientIdentity.Of(head, message, peer, isTrusted: true, Listener)), Is.Zero);
    }

    private static string Of(params string[] lines) => Of(Wire.Request(lines), "10.0.0.1", isTrusted: true);

    private static string Of(byte[] message, string peer, bool isTrusted) => ClientIdentity.Of(
        Wire.Parsed(message), message, PeerAddress.Of(new IPEndPoint(IPAddress.Parse(peer), 1)), isTrusted, Listener)
        .ToIPEndPoint().Address.ToString();
}
