using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>What <c>run --explain-closes</c> says.</summary>
[TestFixture]
internal sealed class ExplainTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task Each_close_is_a_line_on_standard_error_and_none_is_left_out_at_the_end()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address, "--explain-closes");
        using (WireStream client = await WireStream.ConnectAsync(host.Address))
        {
            await client.SendAsync(Request);
            await client.ReadBodyAsync((await client.ReadHeadAsync())!);
        }

        string line = await host.Errors.ContainingAsync("ClientClosed");
        Assert.That(line, Does.Match(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z closed client 127\.0\.0\.1:\d+ \(listen-1, c\d+-0-1\): ClientClosed, " +
            @"the client closed between requests; the peer first; age [\d.]+s, requests 1, idle [\d.]+s, " +
            $@"received {Request.Length} B, sent \d+ B$"));

        host.Terminate();
        Assert.That(await host.ExitAsync(), Is.Zero);
        await host.Errors.ContainingAsync("closed backend");
        Assert.That(host.Errors.ToString(), Does.Contain(": Drain, the engine drains; we first; "));
    }

    [Test]
    public async Task A_refused_connect_is_told_with_its_errno_and_without_the_flag_nothing_is([Values] bool explains)
    {
        await using ScriptedBackend gone = ScriptedBackend.Saying("");
        await gone.DisposeAsync();
        await using HostProcess host =
            await HostProcess.ServeAsync(gone.Address, explains ? ["--explain-closes"] : []);
        using WireStream client = await WireStream.ConnectAsync(host.Address);
        await client.SendAsync(Request);
        Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(502));
        host.Terminate();
        Assert.That(await host.ExitAsync(), Is.Zero);

        await host.Errors.ContainingAsync("Stopped:");
        string refused = $"closed backend {gone.Address} (default, b";
        Assert.That(host.Errors.All.Any(l => l.Contains(refused, StringComparison.Ordinal)), Is.EqualTo(explains));
        Assert.That(
            host.Errors.All.Any(l => l.EndsWith("ECONNREFUSED (111)", StringComparison.Ordinal)), Is.EqualTo(explains));
    }

    // A pipe that nobody reads from holds 64 KiB, some 300 lines; after that the engine is told of no more.
    [Test]
    public async Task A_reader_that_stalls_does_not_stall_the_engine()
    {
        const int Connections = 1_500;
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        string[] unread = [Tool.Require("bash"), "-c", "exec \"$@\" 2> >(exec sleep 120 >/dev/null 2>&1)", "bash"];
        await using HostProcess host = await HostProcess.StartUnder(
            unread, ["run", "--listen", "127.0.0.1:0", "--backend", $"{backend.Address}", "--explain-closes", "--close"])
            .ListeningAsync();
        for (int i = 0; i < Connections; i++)
        {
            using WireStream client = await WireStream.ConnectAsync(host.Address);
            await client.SendAsync(Request);
            Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200), $"connection {i}");
        }

        host.Terminate();
        Assert.That(await host.ExitAsync(), Is.Zero);
    }
}
