using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Load.Bench.Machine;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>What becomes of a <c>bench</c> whose processes die, whose target hangs or whose surroundings are odd: one
/// line, an exit code, the blocks that were finished, and nothing left behind.</summary>
[TestFixture]
internal sealed class BenchTroubleTests
{
    private static readonly string[] Long =
        ["bench", "--connections", "8", "--duration", "100ms", "--blocks", "1000"];
    private static readonly string[] Short = ["bench", "--connections", "8", "--duration", "100ms", "--blocks", "1"];

    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("generator")]
    [TestCase("backend")]
    [TestCase("engine")]
    public async Task A_process_that_is_killed_ends_the_run_with_the_blocks_that_were_finished(string role)
    {
        string json = _folder.PathOf($"{role}.json");
        await using HostProcess bench = HostProcess.Start([.. Long, "--json", json]);
        await bench.Output.ContainingAsync("block 8 of");
        int[] children = [.. ProcessTree.Below(bench.Id)];

        KillOne(children, $"bench-role -- {role}");
        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain(role).And.Contain("signal 9"));
        Assert.That(children.Where(ProcessTree.Lives), Is.Empty);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        Assert.That(report.RootElement.GetProperty("plan").GetProperty("endedBy").GetString(), Does.Contain(role));
        Assert.That(bench.Output.ToString(), Does.Contain("keep-alive → close"));
    }

    [TestCase("nginx: master")]
    [TestCase("haproxy -db")]
    public async Task A_peer_that_is_killed_ends_the_run_and_leaves_none_of_its_own_processes(string peer)
    {
        Tool.Require("haproxy");
        Tool.Require("nginx");
        string temporary = Directory.CreateDirectory(_folder.PathOf("with spaces")).FullName;
        await using HostProcess bench = HostProcess.StartUnder(
            ["env", WithSystemPrograms, $"TMPDIR={temporary}"], [.. Long, "--peers"]);
        await bench.Output.ContainingAsync("block 4 of");
        int[] children = [.. ProcessTree.Below(bench.Id)];

        KillOne(children, peer);
        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.EqualTo(3), $"{bench.Output}\n{bench.Errors}");
        Assert.That(bench.Errors.All.Single(), Does.Contain("ended unexpectedly"));
        Assert.That(children, Has.Length.AtLeast(20));
        Assert.That(Patience.Until(() => !children.Any(ProcessTree.Lives)), Is.True);
        Assert.That(Directory.GetFileSystemEntries(temporary), Is.Empty);
    }

    [Test]
    public async Task Peers_and_their_folders_go_with_a_run_that_is_killed()
    {
        Tool.Require("haproxy");
        Tool.Require("nginx");
        string temporary = Directory.CreateDirectory(_folder.PathOf("killed")).FullName;
        await using HostProcess bench = HostProcess.StartUnder(
            ["env", WithSystemPrograms, $"TMPDIR={temporary}"], [.. Long, "--peers"]);
        await bench.Output.ContainingAsync("block 1 of");
        int[] children = [.. ProcessTree.Below(bench.Id)];

        bench.Kill();
        await bench.ExitAsync();

        Assert.That(Patience.Until(() => !children.Any(ProcessTree.Lives)), Is.True);
        Assert.That(Directory.GetDirectories(temporary, "l7engine-bench-*"), Is.Empty);
    }

    [Test]
    public async Task A_run_that_is_interrupted_before_its_first_block_says_so_and_leaves_no_file()
    {
        string page = _folder.PathOf("none.html");
        await using HostProcess bench = HostProcess.Start([.. Long, "--report", page]);
        Assert.That(Patience.Until(() => ProcessTree.Below(bench.Id).Any()), Is.True);

        bench.Interrupt();
        bench.Interrupt();
        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(bench.Errors.All.Single(), Does.Contain("interrupted"));
        Assert.That(File.Exists(page), Is.False);
    }

    [Test]
    public async Task A_target_that_hangs_ends_the_run_with_the_blocks_that_were_finished()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();
        await using HostProcess bench = HostProcess.Start(
            [.. Long, "--target", $"http://{nginx.Address}{NginxProcess.Hundred}"]);
        await bench.Output.ContainingAsync("block 5 of");

        nginx.Process.Suspend();
        int exitCode = await bench.ExitAsync();

        Assert.That(exitCode, Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain("no response within 5 s"));
        Assert.That(bench.Output.ToString(), Does.Contain("Invalid: round").And.Contain("client → backend"));
    }

    [Test]
    public async Task A_target_that_answers_with_another_status_is_one_line_that_names_it()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();
        await using HostProcess bench = HostProcess.Start(
            [.. Short, "--target", $"http://localhost:{nginx.Address.Port}/no/such/file"]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain("status 404 instead of 200"));
    }

    [Test]
    public async Task A_port_of_a_peer_that_another_listens_on_is_one_line_and_exit_code_3()
    {
        Tool.Require("haproxy");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        const int PortsBefore = 6;
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using HostProcess bench = HostProcess.StartUnder(["env", WithSystemPrograms],
            [.. Short, "--peers", "--first-port", (port - PortsBefore).ToString(CultureInfo.InvariantCulture)]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(3));
        Assert.That(bench.Errors.All.Single(), Does.Contain("cannot listen on 127.0.0.1:"));
    }

    [Test]
    public async Task When_nobody_reads_its_output_it_still_writes_the_page()
    {
        string page = _folder.PathOf("unread output.html");
        string command = string.Join(' ', HostCommand.Words.Concat(Short).Append("--report").Select(w => $"'{w}'"));
        await using var shell = ChildProcess.Start("sh", "-c", $"{command} '{page}' | head -n 1");

        Assert.That(await shell.ExitAsync(), Is.Zero, shell.Errors.ToString());
        Assert.That(await File.ReadAllTextAsync(page), Does.EndWith("</html>\n"));
    }

    [TestCase("--json", "")]
    [TestCase("--json", "/tmp")]
    [TestCase("--json", "/nonexistent/a", "--report", "/nonexistent/a")]
    public async Task A_file_that_cannot_be_written_is_one_line_and_exit_code_2(params string[] options)
    {
        await using HostProcess bench = HostProcess.Start([.. Short, .. options]);

        Assert.That(await bench.ExitAsync(), Is.EqualTo(2));
        Assert.That(bench.Errors.All, Has.Count.EqualTo(1));
    }

    private static string WithSystemPrograms => $"PATH={Environment.GetEnvironmentVariable("PATH")}:/usr/sbin";

    private static void KillOne(int[] processes, string words)
    {
        int chosen = processes.First(p => CommandOf(p) is var command && command.Contains(words, StringComparison.Ordinal)
            && (words.StartsWith("bench-role", StringComparison.Ordinal)
                || !command.Contains("bench-role", StringComparison.Ordinal)));
        Assert.That(Signals.Send(chosen, Signals.Kill), Is.Zero);
    }

    private static string CommandOf(int process) => File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ');
}
