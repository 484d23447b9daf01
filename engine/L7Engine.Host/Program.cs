using L7Engine.Host.Commands;

namespace L7Engine.Host;

/// <summary>The command <c>l7engine</c>. Start here: each subcommand is a file in Commands.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) =>
        CommandLine.RunAsync(args, Open(() => Console.Out), Open(() => Console.Error));

    // Opening throws where who started this closed the descriptor: what is written then has no reader.
    private static TextWriter Open(Func<TextWriter> open)
    {
        try
        {
            return open();
        }
        catch (UnauthorizedAccessException)
        {
            return TextWriter.Null;
        }
    }
}
