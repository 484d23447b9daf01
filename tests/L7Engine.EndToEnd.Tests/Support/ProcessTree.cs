using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Processes that a process has started.</summary>
internal static class ProcessTree
{
    /// <summary>Those that it has started, those that they have, and so on.</summary>
    public static IEnumerable<int> Below(int process) =>
        from thread in Directory.GetDirectories($"/proc/{process}/task")
        from child in File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let id = int.Parse(child, CultureInfo.InvariantCulture)
        from each in Below(id).Prepend(id)
        select each;

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
