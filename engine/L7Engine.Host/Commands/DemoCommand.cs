using System.CommandLine;
using L7Engine.Host.Demo;
using L7Engine.Host.Text;
using Microsoft.Extensions.Logging;

namespace L7Engine.Host.Commands;

/// <summary><c>l7engine demo</c>: backends, the engine and clients in one process, to see what it does.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<TimeSpan> duration = CommandOptions.Duration(
            "--duration", "How long.", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Command command = new("demo", "Send keep-alive and close traffic through it, and compare.") { duration };
        command.SetAction(async (parsed, _) =>
        {
            InvocationConfiguration streams = parsed.InvocationConfiguration;
            using var log = new LineLog(streams.Error, TimeProvider.System, LogLevel.Warning);
            return await DemoRun.RunAsync(parsed.GetValue(duration), streams.Output, log)
                ? ExitCode.Ok
                : ExitCode.Failure;
        });
        return command;
    }
}
