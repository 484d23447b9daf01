using L7Engine.Host.Commands;

namespace L7Engine.Host;

/// <summary>The command <c>l7engine</c>. Start here: each subcommand is a file in Commands.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Console.Out, Console.Error);
}
