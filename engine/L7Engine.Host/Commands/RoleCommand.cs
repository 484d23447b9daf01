using System.CommandLine;
using L7Engine.Load.Bench.Roles;

namespace L7Engine.Host.Commands;

/// <summary><c>l7engine bench-role</c>: what <c>bench</c> starts, for nobody else.</summary>
internal static class RoleCommand
{
    public const string Name = "bench-role";

    /// <summary>The words that start this program again, as it was started itself; the role's come behind them.
    /// </summary>
    public static IReadOnlyList<string> Words
    {
        get
        {
            string program = Environment.ProcessPath ?? throw new InvalidOperationException("This has no file.");

            // The runtime is the program where the command is only a library to it.
            bool isRuntime = Path.GetFileNameWithoutExtension(program) == "dotnet";
            return isRuntime ? [program, Environment.GetCommandLineArgs()[0], Name, "--"] : [program, Name, "--"];
        }
    }

    public static Command Create()
    {
        Argument<string[]> words = new("words");
        Command command = new(Name, "A part of bench, which starts it.") { words };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            InvocationConfiguration streams = parsed.InvocationConfiguration;
            using Stream input = Console.OpenStandardInput();
            await BenchRole.RunAsync(parsed.GetValue(words) ?? [], input, streams.Output, streams.Error);
            return ExitCode.Ok;
        });
        return command;
    }
}
