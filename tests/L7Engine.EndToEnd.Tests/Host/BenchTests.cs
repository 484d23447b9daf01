using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>The command <c>bench</c> with real processes, in blocks that are far too short to measure anything.</summary>
[TestFixture]
internal sealed class BenchTests
{
    private static readonly string[] Tiny = ["bench", "--connections", "8", "--duration", "100ms"];
    private static readonly string[] Modes =
        ["KeepAlive KeepAlive", "KeepAlive Close", "Close KeepAlive", "Close Close"];

    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task A_run_measures_four_quadrants_and_no_proxy_and_writes_what_it_found()
    {
        (string json, string page) = (_folder.PathOf("run.json"), _folder.PathOf("run.html"));
        await using HostProcess bench =
            HostProcess.Start([.. Tiny, "--blocks", "2", "--json", json, "--report", page]);

        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.Zero, $"{bench.Output}\n{bench.Errors}");
        using JsonDocument report = Read(json);
        JsonElement engine = SubjectOf(report, "l7engine");
        Assert.That(engine.GetProperty("quadrants").EnumerateArray().Select(ModeOf), Is.EquivalentTo(Modes));
        Assert.That(SubjectOf(report, "direct").GetProperty("quadrants").GetArrayLength(), Is.EqualTo(1));
        foreach (JsonElement quadrant in engine.GetProperty("quadrants").EnumerateArray())
        {
            AssertAddsUp(quadrant);
        }

        Assert.That(bench.Output.ToString(), Does.Contain("keep-alive → close").And.Contain("tcp_tw_reuse"));
        Assert.That(await File.ReadAllTextAsync(page), Does.StartWith("<!doctype html>"));
    }

    [Test]
    public async Task An_interrupted_run_keeps_its_blocks_and_leaves_no_process()
    {
        string json = _folder.PathOf("interrupted.json");
        await using HostProcess bench = HostProcess.Start([.. Tiny, "--blocks", "1000", "--json", json]);
        await bench.Output.ContainingAsync("block 8 of");
        int[] children = [.. ProcessTree.Below(bench.Id)];

        bench.Interrupt();
        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.EqualTo(1), bench.Errors.ToString());
        Assert.That(children, Has.Length.AtLeast(6));
        Assert.That(children.Where(ProcessTree.Lives), Is.Empty);
        using JsonDocument report = Read(json);
        Assert.That(report.RootElement.GetProperty("plan").GetProperty("wasInterrupted").GetBoolean(), Is.True);
        int blocks = SubjectOf(report, "l7engine").GetProperty("quadrants").EnumerateArray()
            .Sum(q => q.GetProperty("blocks").GetArrayLength());
        Assert.That(blocks, Is.AtLeast(5));
    }

    [Test]
    public async Task Its_processes_end_with_a_run_that_is_killed()
    {
        await using HostProcess bench = HostProcess.Start([.. Tiny, "--blocks", "1000"]);
        await bench.Output.ContainingAsync("block 2 of");
        int[] children = [.. ProcessTree.Below(bench.Id)];

        bench.Kill();
        await bench.ExitAsync();

        Assert.That(children, Has.Length.AtLeast(6));
        Assert.That(Patience.Until(() => !children.Any(ProcessTree.Lives)), Is.True);
    }

    [Test]
    public async Task A_target_that_runs_already_is_measured_with_both_kinds_of_clients()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();
        string json = _folder.PathOf("target.json");
        await using HostProcess bench = HostProcess.Start([
            "bench", "--connections", "8", "--duration", "500ms", "--blocks", "2", "--json", json, "--target", $"http://{nginx.Address}{NginxProcess.Hundred}"]);

        Assert.That(await bench.ExitAsync(), Is.Zero, bench.Errors.ToString());
        using JsonDocument report = Read(json);
        JsonElement[] quadrants = [.. SubjectOf(report, "target").GetProperty("quadrants").EnumerateArray()];
        Assert.That(quadrants, Has.Length.EqualTo(2));
        Assert.That(quadrants.Select(q => FigureOf(q, "requestsPerSecond")), Is.All.GreaterThan(0));
        Assert.That(quadrants[0].GetProperty("figures").GetProperty("cpuMicroseconds").ValueKind,
            Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Peers_are_measured_beside_the_engine_with_the_configuration_written_out()
    {
        Tool.Require("haproxy");
        Tool.Require("nginx");
        string json = _folder.PathOf("peers.json");
        await using HostProcess bench = HostProcess.StartUnder(
            ["env", $"PATH={Environment.GetEnvironmentVariable("PATH")}:/usr/sbin"],
            [.. Tiny, "--blocks", "1", "--peers", "--json", json]);

        Assert.That(await bench.ExitAsync(), Is.Zero, bench.Errors.ToString());
        using JsonDocument report = Read(json);
        Assert.That(SubjectOf(report, "haproxy").GetProperty("configuration").GetString(), Does.Contain("http-reuse"));
        Assert.That(SubjectOf(report, "nginx").GetProperty("configuration").GetString(), Does.Contain("keepalive 1024"));
        foreach (string peer in new[] { "haproxy", "nginx" })
        {
            JsonElement quadrants = SubjectOf(report, peer).GetProperty("quadrants");
            Assert.That(quadrants.EnumerateArray().Select(ModeOf), Is.EquivalentTo(Modes));
            foreach (JsonElement quadrant in quadrants.EnumerateArray())
            {
                AssertAddsUp(quadrant);
            }
        }
    }

    [Test]
    public async Task Without_any_peer_there_is_one_line_and_exit_code_2()
    {
        string dotnet = HostCommand.Words[0] == "dotnet" ? Tool.Require("dotnet") : HostCommand.Words[0];
        string[] words = ["env", "PATH=/nonexistent", dotnet, .. HostCommand.Words.Skip(1), .. Tiny, "--peers"];
        await using var bench = ChildProcess.Start(words[0], words[1..]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(2));
        Assert.That(bench.Errors.All.Single(), Does.Contain("haproxy").And.Contain("nginx"));
    }

    [Test]
    public async Task A_port_in_use_is_one_line_and_exit_code_3()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using HostProcess bench =
            HostProcess.Start([.. Tiny, "--first-port", port.ToString(CultureInfo.InvariantCulture)]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain($"127.0.0.1:{port}").And.Contain("in use"));
    }

    [Test]
    public async Task Too_few_descriptors_are_one_line_and_exit_code_2()
    {
        await using HostProcess bench = HostProcess.StartUnder(
            [Tool.Require("prlimit"), "--nofile=512:512"], ["bench", "--connections", "400"]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(2));
        Assert.That(bench.Errors.All.Single(), Does.Contain("too few descriptors").And.Contain("400"));
    }

    [Test]
    public async Task A_target_where_nothing_listens_is_one_line_and_exit_code_3()
    {
        await using HostProcess bench = HostProcess.Start([.. Tiny, "--target", "http://127.0.0.1:9/"]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain("127.0.0.1:9"));
    }

    [TestCase("--quick", "--full")]
    [TestCase("--target", "http://127.0.0.1:9/", "--peers")]
    [TestCase("--target", "https://127.0.0.1:9/")]
    [TestCase("--connections", "0")]
    [TestCase("--duration", "1ms")]
    [TestCase("--json", "/nonexistent/folder/file")]
    public async Task A_wrong_option_exits_2_before_anything_is_started(params string[] options)
    {
        await using HostProcess bench = HostProcess.Start(["bench", .. options]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(2));
        Assert.That(bench.Errors.All, Is.Not.Empty);
        Assert.That(bench.Output.All, Is.Empty);
    }

    // What is kept is opened once for each client, what is closed once for each request.
    private static void AssertAddsUp(JsonElement quadrant)
    {
        string mode = ModeOf(quadrant);
        foreach (JsonElement block in quadrant.GetProperty("blocks").EnumerateArray())
        {
            string said = $"{mode}: {block}";
            if (block.GetProperty("invalid").ValueKind != JsonValueKind.Null)
            {
                TestContext.Out.WriteLine(said);
                continue;
            }

            long requests = block.GetProperty("requests").GetInt64();
            long clients = block.GetProperty("clientConnections").GetInt64();
            long backends = block.GetProperty("backendConnections").GetInt64();
            Assert.That(requests, Is.GreaterThan(0), said);
            Assert.That(clients, mode.StartsWith("KeepAlive", StringComparison.Ordinal)
                ? Is.EqualTo(8)
                : Is.InRange(requests, requests + 8), said);
            Assert.That(backends, mode.EndsWith("KeepAlive", StringComparison.Ordinal)
                ? Is.AtMost(8)
                : Is.InRange(requests, requests + 8), said);
            Assert.That(block.GetProperty("cpuMicroseconds").GetDouble(), Is.GreaterThan(0), said);
            Assert.That(block.GetProperty("residentBytes").GetInt64(), Is.GreaterThan(1_000_000), said);
        }
    }

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(file));

    private static JsonElement SubjectOf(JsonDocument report, string name) => report.RootElement
        .GetProperty("subjects").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);

    private static string ModeOf(JsonElement quadrant) =>
        $"{quadrant.GetProperty("client").GetString()} {quadrant.GetProperty("backend").GetString()}";

    private static double FigureOf(JsonElement quadrant, string name) =>
        quadrant.GetProperty("figures").GetProperty(name).GetProperty("median").GetDouble();
}
