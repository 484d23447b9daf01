using L7Engine.Load.Bench.Report;
using NUnit.Framework;
using Spectre.Console;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class ConsoleReportTests
{
    private static readonly string[] Blocks = ["l7engine, close", "nginx, [close]"];
    private static readonly string[] Lines = ["block 1 of 2: l7engine, close", "block 2 of 2: nginx, [close]", ""];

    [Test]
    public void The_table_has_a_line_for_each_mode_and_says_what_can_be_told()
    {
        string[] lines = ConsoleReport.Write(SampleReport.Full).Split(Environment.NewLine);

        TestContext.Out.WriteLine(string.Join('\n', lines));
        Assert.That(lines[1], Does.StartWith("l7engine  keep-alive → keep-alive").And.Contain("48,300  46,400 to 50,800"));
        Assert.That(lines.Skip(1).TakeWhile(l => l.Length > 0).Count(), Is.EqualTo(14));
        Assert.That(lines, Has.Some.Match("^l7engine, throughput: keep-alive / close +2.84 +2.71 to 2.95 +the first$"));
        Assert.That(lines, Has.Some.Match("^keep-alive → keep-alive, throughput: l7engine / nginx .* no winner$"));
        Assert.That(lines, Has.Exactly(4).StartsWith("Invalid: round 3, haproxy"));
        Assert.That(lines.TakeWhile(l => l.Length > 0).Select(l => l.Length), Is.All.AtMost(120));
    }

    [Test]
    public async Task Without_a_terminal_each_block_is_a_line()
    {
        var output = new StringWriter();

        await BenchProgress.To(output, terminal: null).ShowAsync(2, RunAsync);

        Assert.That(output.ToString().Split(Environment.NewLine), Is.EqualTo(Lines));
    }

    [Test]
    public async Task On_a_terminal_a_bar_names_the_block()
    {
        var screen = new StringWriter();
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(screen),
        });
        var lines = new StringWriter();

        await BenchProgress.To(lines, terminal).ShowAsync(2, RunAsync);

        Assert.That(screen.ToString(), Does.Contain("nginx, [close]"));
        Assert.That(lines.ToString(), Is.Empty);
    }

    [Test]
    public void What_a_run_throws_comes_through([Values] bool isTerminal)
    {
        IAnsiConsole? terminal = isTerminal
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(new StringWriter()) })
            : null;

        Assert.That(
            async () => await BenchProgress.To(new StringWriter(), terminal).ShowAsync(
                1, _ => Task.FromException(new OperationCanceledException())),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static Task RunAsync(Action<string> begin)
    {
        foreach (string block in Blocks)
        {
            begin(block);
        }

        return Task.CompletedTask;
    }
}
