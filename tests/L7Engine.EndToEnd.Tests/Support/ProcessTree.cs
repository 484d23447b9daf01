using L7Engine.Load.Bench.Machine;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Processes that a process has started.</summary>
internal static class ProcessTree
{
    /// <summary>Those that it has started, those that they have, and so on.</summary>
    public static IEnumerable<int> Below(int process) => ProcessUse.TreeOf(process).Skip(1);

    /// <summary>True while it runs; one that has ended and that nobody has asked for yet does not.</summary>
    public static bool Lives(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
