using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>Engines inside a process of somebody else's.</summary>
[TestFixture]
internal sealed class ServingTests
{
    [Test]
    public async Task Two_engines_in_a_process_do_not_know_of_each_other()
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        await using ScriptedBackend two = ScriptedBackend.Saying("two");
        await using var first = new LoadBalancer(Engines.Options(one.Address));
        await using var second = new LoadBalancer(Engines.Options(two.Address));
        await first.StartAsync();
        await second.StartAsync();

        Assert.That(await AskAsync(first.LocalEndPoints[0]), Is.EqualTo("one"));
        Assert.That(await AskAsync(second.LocalEndPoints[0]), Is.EqualTo("two"));

        await first.DisposeAsync();
        Assert.That(await AskAsync(second.LocalEndPoints[0]), Is.EqualTo("two"));
        Assert.That((first.GetStatus().Requests, second.GetStatus().Requests), Is.EqualTo((1L, 2L)));
    }

    [TestCase("::1", "::1")]
    [TestCase("::1", "127.0.0.1")]
    [TestCase("127.0.0.1", "::1")]
    public async Task A_client_and_a_backend_may_be_on_either_version_of_ip(string listen, string backendAddress)
    {
        string? forwarded = null;
        await using ScriptedBackend backend = ScriptedBackend.Answering(
            (head, _) =>
            {
                forwarded = head["X-Forwarded-For"];
                return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
            },
            IPAddress.Parse(backendAddress));
        await using var balancer = new LoadBalancer(
            Engines.Options(new IPEndPoint(IPAddress.Parse(listen), 0), backend.Address));
        await balancer.StartAsync();

        Assert.That(await AskAsync(balancer.LocalEndPoints[0]), Is.EqualTo("hi"));
        Assert.That(forwarded, Is.EqualTo(listen));
    }

    [Test]
    public async Task The_code_of_the_embedder_does_not_run_on_a_loop()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using var balancer = new LoadBalancer(Engines.Options(backend.Address));

        await balancer.StartAsync();
        string? afterStart = Thread.CurrentThread.Name;
        await balancer.DrainAsync();

        Assert.That(afterStart, Is.Null.Or.Not.StartWith("l7engine"));
        Assert.That(Thread.CurrentThread.Name, Is.Null.Or.Not.StartWith("l7engine"));
    }

    private static async Task<string> AskAsync(IPEndPoint address)
    {
        using WireStream client = await WireStream.ConnectAsync(address);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        WireHead? head = await client.ReadHeadAsync();
        return System.Text.Encoding.ASCII.GetString(await client.ReadBodyAsync(head!));
    }
}
