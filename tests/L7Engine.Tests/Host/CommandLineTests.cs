using L7Engine.Host.Commands;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class CommandLineTests
{
    private string _path = "";

    [SetUp]
    public void WriteFile()
    {
        _path = Path.GetTempFileName();
        File.WriteAllText(_path, ConfigFileTests.Printed(Valid.Options));
    }

    [TearDown]
    public void DeleteFile() => File.Delete(_path);

    [TestCase("check --config {0}", 0, TestName = "check of a valid file")]
    [TestCase("check --config /nowhere", 2, TestName = "check of no file")]
    [TestCase("check", 2, TestName = "check without its file")]
    [TestCase("run", 2, TestName = "run without addresses")]
    [TestCase("run --config /nowhere", 2, TestName = "run of no file")]
    [TestCase("run --listen here --backend there --loops x", 2, TestName = "run with bad values")]
    [TestCase("demo --duration 999ms", 2, TestName = "too short a demo")]
    [TestCase("demo --duration 11m", 2, TestName = "too long a demo")]
    [TestCase("nothing", 2, TestName = "an unknown command")]
    [TestCase("--version", 0, TestName = "version")]
    [TestCase("run --help", 0, TestName = "help")]
    public async Task The_exit_code_tells_what_happened(string line, int expected)
    {
        (int code, _, string errors) = await RunAsync(line);

        Assert.That(code, Is.EqualTo(expected), errors);
        Assert.That(errors.Length > 0, Is.EqualTo(expected != 0));
    }

    [Test]
    public async Task What_check_prints_is_valid_and_prints_the_same_again()
    {
        (_, string printed, _) = await RunAsync("check --print --config {0}");
        await File.WriteAllTextAsync(_path, printed);

        (int code, string again, _) = await RunAsync("check --print --config {0}");

        Assert.That((code, again), Is.EqualTo((0, printed)));
    }

    [Test]
    public async Task Bad_values_of_flags_are_all_named_in_the_words_of_the_file()
    {
        (_, _, string errors) = await RunAsync("run --listen x --backend 1.2.3.4 --loops -1");

        Assert.That(errors.Split(Environment.NewLine), Is.EqualTo(
        [
            "l7engine: --listen: is \"x\"; " +
                "it must be an address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"",
            "l7engine: --backend: is \"1.2.3.4\"; " +
                "it must be an address or name, and a port, such as \"127.0.0.1:9001\" or \"app.example:9001\"",
            "l7engine: --loops: is \"-1\"; it must be a whole number",
            "Try: l7engine --help",
            "",
        ]));
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string line)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        string[] args = [.. line.Split(' ').Select(a => a.Replace("{0}", _path, StringComparison.Ordinal))];
        int code = await CommandLine.RunAsync(args, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
