using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>Backends by a name that the system resolves.</summary>
[TestFixture]
internal sealed class NameTests
{
    // It may be 127.0.0.1, ::1 or both; only the first is listened on, and a request finds it.
    [Test]
    public async Task The_system_resolves_a_name()
    {
        await using ScriptedBackend backend = ScriptedBackend.Answering((head, _) =>
            $"HTTP/1.1 200 OK\r\nContent-Length: {head["Host"]!.Length}\r\n\r\n{head["Host"]}");
        await using var balancer = new LoadBalancer(Options("localhost", backend.Address.Port));
        await balancer.StartAsync();

        WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        using (client)
        {
            for (int i = 0; i < 5; i++)
            {
                await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                WireHead head = (await client.ReadHeadAsync())!;
                Assert.That(head.Status, Is.EqualTo(200));
                await client.ReadBodyAsync(head);
            }
        }

        TestContext.Out.WriteLine(string.Join(", ", balancer.GetStatus().Names.Single().Addresses));
        Assert.That(balancer.GetStatus().Backends, Has.All.Property(nameof(BackendStatus.Name)).EqualTo("localhost"));
        Assert.That(balancer.GetStatus().Names.Single().Addresses, Has.Member(IPAddress.Loopback));
    }

    // RFC 6761 section 6.4: no resolver finds it, or even asks for it.
    [Test]
    public async Task A_name_that_does_not_exist_keeps_nothing_from_starting()
    {
        await using var balancer = new LoadBalancer(Options("does-not-exist.invalid", 1));
        await balancer.StartAsync();

        using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(503));
        Assert.That(balancer.GetStatus().Names.Single().Failure, Is.Not.Null.And.Not.Empty);
    }

    private static LoadBalancerOptions Options(string name, int port) => new()
    {
        Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
        Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = new DnsEndPoint(name, port) }] }],
        Loops = 2,
    };
}
