using System.Diagnostics;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>More clients than descriptors: accepting pauses, costs nothing meanwhile, and goes on afterwards.</summary>
[TestFixture]
internal sealed class DescriptorTests
{
    private const int Clients = 250;

    // The runtime that is not native holds some 80 of them itself.
    private const string Limit = "--nofile=180";
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    // More than there are descriptors for; and an end of quiet connections that lets the test look at the pause.
    private const string Config = """
        {
          "listeners": [ { "address": "127.0.0.1:0" } ],
          "groups": [ { "backends": [ { "address": "BACKEND" } ] } ],
          "limits": { "maxClientConnections": 1000 },
          "timeouts": { "requestHead": "3s" },
          "loops": 1
        }
        """;

    private readonly List<WireStream> _clients = [];

    [TearDown]
    public void CloseClients()
    {
        _clients.ForEach(client => client.Dispose());
        _clients.Clear();
    }

    [Test]
    public async Task Without_descriptors_accepting_pauses_without_spinning_and_then_goes_on()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        string config = folder.Write("config.json", Config.Replace("BACKEND", $"{backend.Address}"));
        await using HostProcess host = await StartAsync("--config", config);
        await ConnectAllAsync(host);

        await host.Errors.ContainingAsync("paused");
        (TimeSpan processor, TimeSpan wall) = await CostOfWaitingAsync(host);
        Assert.That(PausedLines(host), Is.EqualTo(1), "A line for each connection would fill the log.");
        TestContext.Out.WriteLine($"paused for {wall.TotalSeconds:0.00} s, processor {processor.TotalSeconds:0.00} s");
        Assert.That(wall, Is.GreaterThan(TimeSpan.FromSeconds(1)));
        Assert.That(processor, Is.LessThan(wall / 2));

        CloseClients();
        await CheckServesAsync(host);
    }

    [Test]
    public async Task A_limit_that_follows_from_the_descriptors_leaves_the_rest_waiting_in_the_backlog()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await StartAsync(
            "--listen", "127.0.0.1:0", "--backend", $"{backend.Address}", "--loops", "1");
        await ConnectAllAsync(host);

        // They are served in turn, each as one before it leaves.
        foreach (WireStream client in _clients)
        {
            await client.SendAsync(Request);
        }

        foreach (WireStream client in _clients)
        {
            Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200), host.Errors.ToString());
        }

        Assert.That(PausedLines(host), Is.Zero);
    }

    private static Task<HostProcess> StartAsync(params IEnumerable<string> arguments) =>
        HostProcess.StartUnder([Tool.Require("prlimit"), Limit], ["run", .. arguments]).ListeningAsync();

    private async Task ConnectAllAsync(HostProcess host)
    {
        for (int i = 0; i < Clients; i++)
        {
            // The kernel completes it, whether or not it is accepted.
            _clients.Add(await WireStream.ConnectAsync(host.Address));
        }
    }

    // Until the first of the quiet connections is closed, all the command has to do is to wait.
    private async Task<(TimeSpan Processor, TimeSpan Wall)> CostOfWaitingAsync(HostProcess host)
    {
        TimeSpan before = ProcessFigures.ProcessorTime(host.Id);
        long start = Stopwatch.GetTimestamp();
        Assert.That(await _clients[0].ReadToEndAsync(), Is.Empty);
        return (ProcessFigures.ProcessorTime(host.Id) - before, Stopwatch.GetElapsedTime(start));
    }

    private static int PausedLines(HostProcess host) =>
        host.Errors.All.Count(line => line.Contains("paused", StringComparison.Ordinal));

    private static async Task CheckServesAsync(HostProcess host)
    {
        using WireStream client = await WireStream.ConnectAsync(host.Address);
        await client.SendAsync(Request);
        Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200), host.Errors.ToString());
    }
}
