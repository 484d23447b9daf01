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
          "timeouts": { "requestHead": "8s" },
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
    public async Task With_a_limit_that_follows_from_the_descriptors_none_is_wanting_and_who_asks_has_a_place()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        await using HostProcess host = await StartAsync(
            "--listen", "127.0.0.1:0", "--backend", $"{backend.Address}", "--loops", "1");
        await ConnectAllAsync(host);

        await CheckServesAsync(host);
        Assert.That(PausedLines(host), Is.Zero);
    }

    [Test]
    public async Task Past_a_limit_whose_places_are_all_at_work_the_rest_wait_in_the_backlog_and_are_served()
    {
        const int Places = 20;
        int arrived = 0;
        var released = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async stream =>
        {
            while (await stream.ReadHeadAsync() is not null)
            {
                Interlocked.Increment(ref arrived);
                await released.Task;
                await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        using var folder = new TempFolder();
        string config = Config.Replace("BACKEND", $"{backend.Address}").Replace("1000", $"{Places}");
        await using HostProcess host = await HostProcess.ServeAsync("--config", folder.Write("config.json", config));
        for (int i = 0; i < 2 * Places; i++)
        {
            _clients.Add(await WireStream.ConnectAsync(host.Address));
            await _clients[i].SendAsync(Request);
            int expected = Math.Min(i + 1, Places);
            Assert.That(Patience.Until(() => Volatile.Read(ref arrived) == expected), $"{i}: {arrived}");
        }

        released.SetResult();
        foreach (WireStream client in _clients)
        {
            Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200), host.Errors.ToString());
        }
    }

    [Test]
    public async Task Too_few_descriptors_for_its_loops_end_it_with_one_line_that_says_so()
    {
        await using HostProcess host = HostProcess.StartUnder(
            [Tool.Require("prlimit"), Limit],
            ["run", "--listen", "127.0.0.1:0", "--backend", "127.0.0.1:9", "--loops", "300"]);

        Assert.That(await host.ExitAsync(), Is.EqualTo(3), host.Errors.ToString());
        Assert.That(host.Errors.All, Is.EqualTo(
            (string[])["l7engine: cannot listen on 127.0.0.1:0: the descriptor limit is reached (ulimit -n)"]));
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
