namespace L7Engine.Load.Bench.Machine;

/// <summary>What the kernel writes in files of <c>/proc</c> and <c>/sys</c>.</summary>
internal static class SystemText
{
    /// <returns>Null where there is none (more): not every machine has each file, and a process may end.</returns>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <returns>What follows a name at the start of a line; null where no line begins with it.</returns>
    public static string? After(string name, string? text) => text?.Split('\n')
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
}
