using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>Every sample does what it says, and Ctrl+C ends it. Their addresses are fixed: those that listen have a
/// network of their own.</summary>
[TestFixture]
internal sealed class SamplesTests
{
    [OneTimeSetUp]
    public static void Clean_up_after_those_that_were_killed() => NetNamespace.DeleteOrphans();

    [Test]
    public async Task Minimal_sends_requests_to_both_of_its_backends()
    {
        using var network = NetNamespace.Create();
        await using NginxProcess first = await StartBackendAsync(network, "127.0.0.1:9001");
        await using NginxProcess second = await StartBackendAsync(network, "127.0.0.1:9002");
        await using ChildProcess sample = await ListeningAsync(network, "Minimal");

        await AskAsync(network, times: 4);

        Assert.That(first.Executed, Is.Not.Empty);
        Assert.That(second.Executed, Is.Not.Empty);
        await AssertEndsAsync(sample);
    }

    [Test]
    public async Task CloseReasons_tells_why_a_connection_was_closed()
    {
        using var network = NetNamespace.Create();
        await using NginxProcess backend = await StartBackendAsync(network, "127.0.0.1:9001");
        await using ChildProcess sample = await ListeningAsync(network, "CloseReasons");

        await AskAsync(network, times: 1);

        string line = await sample.Output.ContainingAsync("Client 127.0.0.1:");
        Assert.That(line, Does.Contain("of web: ").And.Contain(" 1 requests; 0 lost so far"));
        await AssertEndsAsync(sample);
    }

    [Test]
    public async Task CustomPolicy_stays_in_its_zone()
    {
        using var network = NetNamespace.Create();
        Array.ForEach(["10.1.0.1", "10.1.0.2", "10.2.0.1"], a => network.Ip("addr", "add", a, "dev", "lo"));
        await using NginxProcess near = await StartBackendAsync(network, "10.1.0.1:9001");
        await using NginxProcess alsoNear = await StartBackendAsync(network, "10.1.0.2:9001");
        await using NginxProcess far = await StartBackendAsync(network, "10.2.0.1:9001");
        await using ChildProcess sample = await ListeningAsync(network, "CustomPolicy");

        await AskAsync(network, times: 6);

        Assert.That(near.Executed.Concat(alsoNear.Executed).Count(), Is.EqualTo(6));
        Assert.That(far.Executed, Is.Empty);
        await AssertEndsAsync(sample);
    }

    [Test]
    public async Task LoadTest_tells_what_came_of_its_requests_when_it_is_ended()
    {
        var methods = new ConcurrentDictionary<string, int>();
        var asked = new TaskCompletionSource();
        await using ScriptedBackend backend = ScriptedBackend.Answering((head, _) =>
        {
            string method = head.StartLine.Split(' ')[0];
            if (methods.AddOrUpdate(method, 1, (_, count) => count + 1) >= 20 && method == "POST")
            {
                asked.TrySetResult();
            }

            return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        });
        await using ChildProcess sample = Start("LoadTest", backend.Address.ToString(), "3600");

        await Patience.ForAsync(asked.Task, "20 POST");

        await AssertEndsAsync(sample);
        Assert.That(sample.Output.ToString(), Does.Match(@"^[1-9][\d,]* requests in [\d.]+ s, [1-9][\d,]* a second\n[1-9][\d,]* connections, "));
        Assert.That(sample.Output.ToString(), Does.Contain("latency: p50 "));
        Assert.That(methods["GET"], Is.GreaterThan(methods["POST"]));
    }

    [TestCase]
    [TestCase("localhost")]
    [TestCase("127.0.0.1:9", "soon")]
    public async Task LoadTest_says_how_it_is_called(params string[] arguments)
    {
        await using ChildProcess sample = Start("LoadTest", arguments);

        Assert.That(await sample.ExitAsync(), Is.EqualTo(2));
        Assert.That(sample.Errors.All.Single(), Does.StartWith("usage: "));
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    private static ChildProcess Start(string name, params IEnumerable<string> arguments) =>
        ChildProcess.Start(Tool.Require("dotnet"), [PathOf(name), .. arguments]);

    private static async Task<ChildProcess> ListeningAsync(NetNamespace network, string name)
    {
        var sample = ChildProcess.Start(
            Tool.Require("ip"), ["netns", "exec", network.Name, Tool.Require("dotnet"), PathOf(name)]);
        await sample.Output.ContainingAsync("listening on ");
        return sample;
    }

    private static Task<NginxProcess> StartBackendAsync(NetNamespace network, string address) =>
        network.Do(() => NginxProcess.StartAsync(IPEndPoint.Parse(address)));

    private static async Task AskAsync(NetNamespace network, int times)
    {
        for (int i = 0; i < times; i++)
        {
            string id = i.ToString(CultureInfo.InvariantCulture);
            ToolResult asked = await Tool.RunAsync(
                "ip", "netns", "exec", network.Name, Tool.Require("curl"), "-sS", "-f", "-H", $"{NginxProcess.IdField}: {id}",
                $"http://127.0.0.1:8080{NginxProcess.Echo}");
            Assert.That((asked.ExitCode, asked.Output), Is.EqualTo((0, id)), asked.ToString());
        }
    }

    private static async Task AssertEndsAsync(ChildProcess sample)
    {
        sample.Interrupt();
        Assert.That(await sample.ExitAsync(), Is.Zero, sample.Errors.ToString());
    }
}
