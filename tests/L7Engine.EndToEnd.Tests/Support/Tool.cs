using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Support;

/// <param name="ExitCode">0 when the tool found everything in order.</param>
/// <param name="Output">All of stdout.</param>
/// <param name="Errors">All of stderr.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Programs of others that stand at the other ends of the engine.</summary>
internal static class Tool
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin"];

    private static bool IsUnattended =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <returns>Where the tool is. Without it the test is skipped; where all tools have to be, it fails.</returns>
    public static string Require(string name)
    {
        string? path = Folders.Where(f => f.Length > 0).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            SkipFor($"{name} is not installed");
        }

        return path!;
    }

    /// <summary>Skips the test for what the machine lacks; where it must lack nothing, the test fails.</summary>
    public static void SkipFor(string reason) => (IsUnattended ? (Action<string>)Assert.Fail : Assert.Ignore)(reason);

    /// <summary>Runs a tool to its end.</summary>
    public static async Task<ToolResult> RunAsync(string name, params IEnumerable<string> arguments)
    {
        await using var process = ChildProcess.Start(Require(name), arguments);
        int exitCode = await process.ExitAsync();
        return new ToolResult(exitCode, process.Output.ToString(), process.Errors.ToString());
    }
}
