using System.Globalization;
using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Load.Traffic;

namespace L7Engine.EndToEnd.Tests.Load;

/// <summary>What the generator did, and what it took to do it.</summary>
/// <param name="OpenedPerSecond">Connections.</param>
/// <param name="P50">In microseconds.</param>
/// <param name="CpuMicroseconds">Processor time of the generator's process for each request.</param>
internal sealed record GeneratorFigures(
    double RequestsPerSecond, double OpenedPerSecond, double P50, double CpuMicroseconds, long Completed, long Failed);

/// <summary>The generator in a process of its own, on a processor of its own, as other generators are.</summary>
/// <remarks>
/// Compiled once and for good, as it is ahead of time: code that is compiled in tiers took 6.6 where this takes 5.4
/// microseconds a request, seconds after its start still, because the compiler shared its processor.
/// </remarks>
internal static class GeneratorProcess
{
    private const string Begins = "begins";
    private const string Ends = "ends";

    private static readonly RequestKind Hundred = new() { Path = NginxProcess.Hundred, ExpectedBytes = 100 };

    /// <summary>Runs a closed loop.</summary>
    /// <param name="core">The processor; more than there are is the last.</param>
    /// <param name="requestsPerConnection">0 keeps the connections.</param>
    /// <param name="onTurn">Called when the time that counts begins and when it ends.</param>
    public static async Task<GeneratorFigures> MeasureAsync(
        IPEndPoint target, TimeSpan duration, int connections, int requestsPerConnection, int core, Action? onTurn = null)
    {
        await using var process = ChildProcess.Start(
            Tool.Require("taskset"), "-c", Cores.Name(core), "env", "DOTNET_TieredCompilation=0", "dotnet", "exec",
            typeof(GeneratorProcess).Assembly.Location, "load", target.ToString(),
            Text(duration.TotalSeconds), Text(connections), Text(requestsPerConnection));
        await process.Output.ContainingAsync(Begins);
        onTurn?.Invoke();
        string figures = await process.Output.ContainingAsync(Ends);
        onTurn?.Invoke();
        await process.ExitAsync();
        double[] numbers = [.. figures.Split(' ')[1..].Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
        return new GeneratorFigures(numbers[0], numbers[1], numbers[2], numbers[3], (long)numbers[4], (long)numbers[5]);
    }

    /// <summary>The process itself.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var plan = new LoadPlan
        {
            Target = IPEndPoint.Parse(args[0]),
            Duration = TimeSpan.FromSeconds(double.Parse(args[1], CultureInfo.InvariantCulture)),
            Connections = int.Parse(args[2], CultureInfo.InvariantCulture),
            RequestsPerConnection = int.Parse(args[3], CultureInfo.InvariantCulture),
            Mix = [Hundred],
            WarmUp = TimeSpan.Zero,
        };

        // What is used has to be compiled first; others have nothing to compile.
        await LoadRun.RunAsync(plan with { Duration = TimeSpan.FromSeconds(1) });
        Console.WriteLine(Begins);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        LoadResult result = await LoadRun.RunAsync(plan);
        TimeSpan cpu = Environment.CpuUsage.TotalTime - before;
        Console.WriteLine(string.Join(' ',
            Ends,
            Text(result.RequestsPerSecond),
            Text(result.ConnectionsOpened / result.Duration.TotalSeconds),
            Text(result.LatencyAt(50).TotalMicroseconds),
            Text(cpu.TotalMicroseconds / Math.Max(1, result.Completed)),
            Text(result.Completed),
            Text(result.Failed)));
        return 0;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
