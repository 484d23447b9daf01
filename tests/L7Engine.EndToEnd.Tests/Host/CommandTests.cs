using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>What the command tells a shell: exit codes, and which stream has which lines.</summary>
[TestFixture]
internal sealed class CommandTests
{
    private const string Valid = """
        {
          "listeners": [ { "address": "127.0.0.1:0", "keepAlive": { "idleTimeout": "90s" } } ],
          "groups": [ { "backends": [ { "address": "127.0.0.1:9" } ] } ]
        }
        """;

    private const string Wrong = """
        {
          "listeners": [ { "address": "127.0.0.1" } ],
          "groups": [ { "backends": [ { "address": "127.0.0.1:9", "wieght": 1 } ] } ],
          "loops": 5000
        }
        """;

    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("--version", "0.1.0")]
    [TestCase("--help", "run")]
    public async Task A_question_is_answered_on_stdout(string flag, string expected)
    {
        await using HostProcess host = HostProcess.Start(flag);

        Assert.That(await host.ExitAsync(), Is.Zero);
        Assert.That(host.Output.ToString(), Does.Contain(expected));
        Assert.That(host.Errors.All, Is.Empty);
    }

    [TestCase("run")]
    [TestCase("run", "--listen", "127.0.0.1:0")]
    [TestCase("run", "--listen", "somewhere", "--backend", "127.0.0.1:9")]
    [TestCase("run", "--no-such-flag")]
    [TestCase("no-such-command")]
    [TestCase("check")]
    [TestCase("check", "--config", "/nonexistent/file")]
    public async Task A_wrong_command_line_exits_2_with_lines_on_stderr_alone(params string[] arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments);

        Assert.That(await host.ExitAsync(), Is.EqualTo(2));
        Assert.That(host.Errors.All, Is.Not.Empty);
        Assert.That(host.Output.All, Is.Empty);
    }

    [TestCase("run")]
    [TestCase("check")]
    public async Task A_wrong_file_exits_2_with_a_line_for_each_place(string command)
    {
        string file = _folder.Write("wrong.json", Wrong);
        await using HostProcess host = HostProcess.Start(command, "--config", file);

        Assert.That(await host.ExitAsync(), Is.EqualTo(2));
        Assert.That(host.Output.All, Is.Empty);
        Assert.That(host.Errors.All.Select(PlaceIn), Is.EqualTo(new[]
        {
            $"{file}:2:31", $"{file}:3:59", $"{file}:4:12",
        }), host.Errors.ToString());
    }

    [Test]
    public async Task What_check_prints_is_accepted_by_check()
    {
        string file = _folder.Write("valid.json", Valid);
        await using HostProcess printing = HostProcess.Start("check", "--config", file, "--print");
        Assert.That(await printing.ExitAsync(), Is.Zero);
        string printed = _folder.Write("printed.json", printing.Output.ToString());

        await using HostProcess checking = HostProcess.Start("check", "--config", printed);
        await using HostProcess again = HostProcess.Start("check", "--config", printed, "--print");

        Assert.That(await checking.ExitAsync(), Is.Zero, checking.Errors.ToString());
        Assert.That(await again.ExitAsync(), Is.Zero);
        Assert.That(again.Output.ToString(), Is.EqualTo(printing.Output.ToString()).And.Contain("\"90s\""));
    }

    [Test]
    public async Task A_failure_that_is_nobodys_mistake_exits_1_with_one_line()
    {
        string file = _folder.Write("valid.json", Valid);
        await using HostProcess host = HostProcess.StartUnder(
            ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full"], ["check", "--config", file, "--print"]);

        Assert.That(await host.ExitAsync(), Is.EqualTo(1));
        Assert.That(host.Errors.All, Has.Count.EqualTo(1), host.Errors.ToString());
    }

    [Test]
    public async Task A_second_instance_on_a_port_in_use_exits_3_and_says_why_in_one_line()
    {
        var nowhere = new IPEndPoint(IPAddress.Loopback, 9);
        await using HostProcess first = await HostProcess.ServeAsync(nowhere);
        await using HostProcess second = HostProcess.Start(
            "run", "--listen", first.Address.ToString(), "--backend", nowhere.ToString());

        Assert.That(await second.ExitAsync(), Is.EqualTo(3));
        Assert.That(second.Output.All, Is.Empty);
        Assert.That(second.Errors.All, Has.Count.EqualTo(1), second.Errors.ToString());
        Assert.That(second.Errors.All[0], Does.Contain(first.Address.ToString()).And.Contain("in use"));
    }

    private static string PlaceIn(string line) => string.Join(':', line.Split(':')[..3]);
}
