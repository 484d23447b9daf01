using System.CommandLine;
using L7Engine.Host.Text;
using L7Engine.Load.Bench.Running;

namespace L7Engine.Host.Commands;

/// <summary>Parses the command line, runs the subcommand, and turns what happens into lines and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        RootCommand root = new("An HTTP/1.x load balancer.")
        {
            RunCommand.Create(), CheckCommand.Create(), DemoCommand.Create(), BenchCommand.Create(),
            RoleCommand.Create(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // The parser's own way to report them prints the whole help and exits 1.
            PrintProblems(errors, parsed.Errors.Select(e => $"l7engine: {e.Message}"));
            errors.WriteLine("Try: l7engine --help");
            return ExitCode.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = errors,
            EnableDefaultExceptionHandler = false,

            // Its own handling of signals would end the process after 2 s, in the middle of a drain.
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation);
        }
        catch (Exception e)
        {
            PrintProblems(errors, e is ConfigurationException c
                ? c.Errors.Select(error => $"l7engine: {error}")
                : [$"l7engine: {e.Message}"]);
            return ExitCodeOf(e);
        }
    }

    /// <summary>Prints each problem as one line, whatever bytes it quotes.</summary>
    public static void PrintProblems(TextWriter errors, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            errors.WriteLine(PlainText.OneLine(line));
        }
    }

    private static int ExitCodeOf(Exception e) => e switch
    {
        ListenException or BenchException { IsUsage: false } => ExitCode.CannotListen,
        BenchException => ExitCode.Usage,
        ConfigurationException => ExitCode.Usage,
        _ => ExitCode.Failure,
    };
}
