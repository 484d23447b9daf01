using System.CommandLine;
using System.Text;
using L7Engine.Host.Configuration;
using L7Engine.Host.Text;

namespace L7Engine.Host.Commands;

/// <summary><c>l7engine check</c>: tells everything that is wrong with a file, and starts nothing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<string> config = CommandOptions.File("--config", "The configuration, in JSON.");
        config.Required = true;
        Option<bool> print = CommandOptions.Flag("--print", "Print it as JSON, with all defaults filled in.");
        Command command = new("check", "Check a configuration file.") { config, print };
        command.SetAction(parsed =>
        {
            InvocationConfiguration streams = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(config);
            return Check(path, parsed.GetValue(print), streams.Output, streams.Error);
        });
        return command;
    }

    private static int Check(string path, bool print, TextWriter output, TextWriter errors)
    {
        LoadBalancerOptions? options = ConfigFile.Read(path, out IReadOnlyList<string> problems);
        if (options is null)
        {
            CommandLine.PrintProblems(errors, problems);
            return ExitCode.Usage;
        }

        if (!print)
        {
            output.WriteLine(PlainText.OneLine($"{path} is valid"));
            return ExitCode.Ok;
        }

        var json = new MemoryStream();
        ConfigWriter.Write(json, options);
        output.WriteLine(Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length));
        return ExitCode.Ok;
    }
}
