using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>What the flags of <c>run</c> do, and what <c>demo</c> shows.</summary>
[TestFixture]
internal sealed class RunTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task With_close_every_response_says_close_and_does_it()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address, "--close");

        foreach (string option in (string[])["", "Connection: keep-alive\r\n"])
        {
            using WireStream client = await WireStream.ConnectAsync(host.Address);
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\n{option}\r\n");
            WireHead? head = await client.ReadHeadAsync();

            Assert.That(head!["Connection"], Is.EqualTo("close"));
            Assert.That(await client.ReadToEndAsync(), Is.EqualTo("hello"u8.ToArray()));
        }
    }

    [Test]
    public async Task Without_it_a_connection_persists_and_says_so()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);
        using WireStream client = await WireStream.ConnectAsync(host.Address);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Request);
            WireHead? head = await client.ReadHeadAsync();
            Assert.That(head!["Connection"], Is.EqualTo("keep-alive"));
            Assert.That(await client.ReadBodyAsync(head), Is.EqualTo("hello"u8.ToArray()));
        }

        Assert.That(backend.Accepted, Is.EqualTo(1));
    }

    [Test]
    public async Task At_the_start_the_log_says_how_much_it_takes_on_and_what_memory_that_implies()
    {
        await using HostProcess host = await HostProcess.ServeAsync(new IPEndPoint(IPAddress.Loopback, 9));

        Assert.That(
            await host.Errors.ContainingAsync("At most "),
            Does.Match(@"info 606 At most \d+ client connections and \d+ MiB of buffers: up to \d+ MiB of memory\.$"));
    }

    [Test]
    public async Task Each_listener_is_told_on_a_line_of_its_own_and_serves()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await HostProcess.ServeAsync(
            backend.Address, "--listen", "127.0.0.1:0", "--listen", "[::1]:0");
        await host.Output.ContainingAsync("[::1]:");

        Assert.That(host.Output.All, Has.Count.EqualTo(3));
        foreach (string line in host.Output.All)
        {
            await CheckServesAsync(IPEndPoint.Parse(line.Split(' ')[^1]), times: 1);
        }
    }

    [Test]
    public async Task Instances_that_share_a_port_serve_together_and_either_may_leave()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess first = await HostProcess.ServeAsync(backend.Address, "--share-port");
        await using HostProcess second = await HostProcess.ServeAsync(
            ["--listen", $"{first.Address}", "--backend", $"{backend.Address}", "--share-port"]);
        Assert.That(second.Address, Is.EqualTo(first.Address));
        await CheckServesAsync(first.Address, times: 20);

        first.Terminate();
        Assert.That(await first.ExitAsync(), Is.Zero);

        await CheckServesAsync(second.Address, times: 20);
    }

    [Test]
    public async Task A_demo_sends_both_kinds_of_requests_and_none_fails()
    {
        await using HostProcess host = HostProcess.Start("demo", "--duration", "2s");

        Assert.That(await host.ExitAsync(), Is.Zero, host.Errors.ToString());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Line("requests "), Does.Match(@"requests +[1-9][\d,]*, failed 0$"));
            Assert.That(Line("keep-alive "), Does.Match(@"keep-alive +[1-9][\d,]* requests/s"));
            Assert.That(Line("close "), Does.Match(@"close +[1-9][\d,]* requests/s"));
            Assert.That(Line("client connections "), Does.Match(@"[1-9][\d.]* % of the requests on a reused one"));
            Assert.That(Line("backend connections "), Does.Match(@"[1-9][\d.]* % of the requests on a reused one"));
        }

        string Line(string label) => host.Output.All.Single(l => l.StartsWith(label, StringComparison.Ordinal));
    }

    private static async Task CheckServesAsync(IPEndPoint address, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using WireStream client = await WireStream.ConnectAsync(address);
            await client.SendAsync(Request);
            Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200));
        }
    }
}
