using System.Globalization;
using L7Engine.Host.Text;
using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using L7Engine.Load.Bench.Running;

namespace L7Engine.Host.Bench;

/// <summary>A run from the first process to the last file: shown while it runs, kept when it is interrupted.</summary>
internal static class BenchSession
{
    /// <returns>The exit code: 1 after an interruption, 3 when it could not go on.</returns>
    /// <exception cref="BenchException">It cannot begin.</exception>
    public static async Task<int> RunAsync(
        BenchSettings settings, BenchFiles files, TextWriter output, TextWriter errors)
    {
        files.Check();
        using var signals = new StopSignals();
        using var stop = new CancellationTokenSource();
        Task stopping = StopAsync(signals, stop);
        BenchReport report;
        try
        {
            report = await MeasureAsync(settings, output, stop.Token);
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or BenchException)
        {
            errors.WriteLine("l7engine: interrupted before the end of the first block: there is nothing to report");
            return ExitCode.Failure;
        }

        Print(report, output);
        files.Write(report, output);
        if (report.Plan.EndedBy is { } why)
        {
            errors.WriteLine(PlainText.OneLine($"l7engine: the run ended early: {why}"));
            return ExitCode.CannotListen;
        }

        return report.Plan.WasInterrupted ? ExitCode.Failure : ExitCode.Ok;
    }

    private static async Task StopAsync(StopSignals signals, CancellationTokenSource stop)
    {
        await signals.Asked;
        await stop.CancelAsync();
    }

    private static async Task<BenchReport> MeasureAsync(
        BenchSettings settings, TextWriter output, CancellationToken stop)
    {
        await using BenchRun run = await BenchRun.StartAsync(settings, stop);
        BenchReport? report = null;
        await BenchProgress.OfConsole(output).ShowAsync(run.Blocks, async begin => report = await run.RunAsync(begin));
        return report!;
    }

    private static void Print(BenchReport report, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(ConsoleReport.Write(report));
        BenchEnvironment machine = report.Environment;
        output.WriteLine($"machine: {machine.Processor}, {machine.Cores.ToString(CultureInfo.InvariantCulture)} "
            + $"CPUs, {machine.Kernel}, {machine.Runtime}");
        foreach (NamedText line in machine.Placement.Concat(machine.Settings))
        {
            output.WriteLine($"  {line.Name}: {line.Text}");
        }

        foreach (string remark in machine.Remarks)
        {
            output.WriteLine($"- {remark}");
        }

        if (report.Plan.RatePerSecond > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"latency at {report.Plan.RatePerSecond:N0} requests/s; took {report.Plan.Took.TotalSeconds:0.0} s"));
        }
    }
}
