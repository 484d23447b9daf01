using System.Globalization;
using Spectre.Console;

namespace L7Engine.Load.Bench.Report;

/// <summary>Shows how far a run has come: a bar on a terminal, a line for each block elsewhere.</summary>
/// <remarks>Not thread-safe: one block runs at a time.</remarks>
public sealed class BenchProgress
{
    private readonly TextWriter _output;
    private readonly IAnsiConsole? _terminal;

    private BenchProgress(TextWriter output, IAnsiConsole? terminal) => (_output, _terminal) = (output, terminal);

    /// <summary>On the terminal of this process where there is one.</summary>
    /// <param name="output">Lines go there where there is none.</param>
    public static BenchProgress OfConsole(TextWriter output) =>
        new(output, Console.IsOutputRedirected ? null : AnsiConsole.Console);

    /// <summary>Somewhere else.</summary>
    /// <param name="terminal">Null writes lines.</param>
    public static BenchProgress To(TextWriter output, IAnsiConsole? terminal) => new(output, terminal);

    /// <summary>Runs what is to be shown.</summary>
    /// <param name="blocks">How many blocks there will be.</param>
    /// <param name="run">Calls its argument before each block, with what the block measures.</param>
    /// <returns>Done when the run is; what it throws comes through.</returns>
    public Task ShowAsync(int blocks, Func<Action<string>, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _terminal is null ? ShowLinesAsync(blocks, run) : ShowBarAsync(_terminal, blocks, run);
    }

    private async Task ShowLinesAsync(int blocks, Func<Action<string>, Task> run)
    {
        int begun = 0;
        await run(what =>
        {
            begun++;
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"block {begun} of {blocks}: {what}"));
            _output.Flush();
        });
    }

    private static Task ShowBarAsync(IAnsiConsole terminal, int blocks, Func<Action<string>, Task> run) =>
        terminal.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(async shown =>
            {
                ProgressTask bar = shown.AddTask("begins", maxValue: Math.Max(1, blocks));
                int begun = 0;
                await run(what =>
                {
                    // A block counts once the next one begins.
                    bar.Value = begun++;
                    bar.Description = Markup.Escape(what);
                });
                bar.Value = bar.MaxValue;
            });
}
