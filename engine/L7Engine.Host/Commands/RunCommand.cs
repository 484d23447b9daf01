using System.CommandLine;
using System.Net;
using L7Engine.Host.Configuration;
using L7Engine.Host.Text;
using Microsoft.Extensions.Logging;

namespace L7Engine.Host.Commands;

/// <summary><c>l7engine run</c>: serves until a signal, then drains.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        Option<string> config = CommandOptions.File("--config", "The configuration, in JSON.");
        Option<IPEndPoint[]> listen = CommandOptions.Addresses(
            "--listen", "Where to listen; repeatable; not with a file.");
        Option<EndPoint[]> backend = CommandOptions.BackendAddresses(
            "--backend", "Where to send; repeatable; not with a file.");
        Option<int?> loops = CommandOptions.Count("--loops", "Event loops; overrides the file; 0: one per processor.");
        Option<bool> close = CommandOptions.Flag("--close", "Close each client connection after its response.");
        Option<bool> sharePort = CommandOptions.Flag("--share-port", "Let other processes listen on the same ports.");
        Option<bool> explain = CommandOptions.Flag("--explain-closes", "Say of each connection why it was closed.");
        Option<bool> verbose = CommandOptions.Flag("--verbose", "Log what happens to each connection, too.");
        Command command = new(
            "run",
            "Serve until SIGTERM or SIGINT, then let open requests end; a second one stops. SIGHUP: reload.")
        {
            config, listen, backend, loops, close, sharePort, explain, verbose,
        };
        command.SetAction((parsed, _) =>
        {
            var arguments = new RunArguments
            {
                ConfigPath = parsed.GetValue(config),
                Listen = parsed.GetValue(listen) ?? [],
                Backends = parsed.GetValue(backend) ?? [],
                Loops = parsed.GetValue(loops),
                Close = parsed.GetValue(close),
                SharePort = parsed.GetValue(sharePort),
            };
            LogLevel least = parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Information;
            InvocationConfiguration streams = parsed.InvocationConfiguration;
            return RunAsync(arguments, least, parsed.GetValue(explain), streams.Output, streams.Error);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        RunArguments arguments, LogLevel least, bool explains, TextWriter output, TextWriter errors)
    {
        LoadBalancerOptions? options = RunConfiguration.Of(arguments, out IReadOnlyList<string> problems);
        if (options is null)
        {
            CommandLine.PrintProblems(errors, problems);
            return ExitCode.Usage;
        }

        // Before the start: a signal that comes while starting is not lost.
        using var signals = new StopSignals();
        using var reload = new ReloadSignal();
        using var lines = new QueuedLines(errors);
        using var log = new LineLog(lines, TimeProvider.System, least);
        Task told, reloads;
        await using (var balancer = new LoadBalancer(options, log))
        {
            told = explains
                ? CloseTeller.RunAsync(balancer.SubscribeToCloses(CloseTeller.Capacity), lines)
                : Task.CompletedTask;
            var reloading = new Reloading(balancer, arguments, log, lines);
            await StartAsync(balancer, signals, output);
            reloads = reloading.RunAsync(reload);
            await signals.Asked;
            reload.Stop();
            await DrainAsync(balancer, log, signals.Insisted);
        }

        await reloads;
        await told;
        return ExitCode.Ok;
    }

    private static async Task StartAsync(LoadBalancer balancer, StopSignals signals, TextWriter output)
    {
        await balancer.StartAsync(signals.Insisted);
        foreach (IPEndPoint address in balancer.LocalEndPoints)
        {
            output.WriteLine($"listening on {address}");
        }

        output.Flush();
    }

    private static async Task DrainAsync(LoadBalancer balancer, LineLog log, CancellationToken insisted)
    {
        HostLog.Draining(log);
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration told = insisted.Register(cut.SetResult);
        try
        {
            Task<DrainResult> drain = balancer.DrainAsync(cancellationToken: insisted);
            await Task.WhenAny(drain, cut.Task);

            // Cut, it ends at once, unless a reload is before it; then it is the end of the engine that cuts.
            DrainResult drained = await drain.WaitAsync(CutTime, CancellationToken.None);
            HostLog.Drained(log, drained.ClosedInTime, drained.CutAtDeadline);
        }
        catch (Exception end) when (end is OperationCanceledException or TimeoutException)
        {
            HostLog.StoppedAtOnce(log);
        }
    }
}
