using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Processors, for what must not share one while it is measured.</summary>
internal static class Cores
{
    /// <summary>Its number as tools take it; where there are not so many, the last one's.</summary>
    public static string Name(int core) =>
        Math.Min(core, Environment.ProcessorCount - 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>Keeps a process, with all its threads, to one processor.</summary>
    public static async Task KeepAsync(ChildProcess process, int core)
    {
        ToolResult result = await Tool.RunAsync(
            "taskset", "-apc", Name(core), process.Id.ToString(CultureInfo.InvariantCulture));
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.ToString());
        }
    }
}
