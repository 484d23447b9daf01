namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>How the command <c>l7engine</c> is called here.</summary>
/// <remarks>
/// The native binary when the variable L7_BINARY names one, or when <c>out/l7engine</c> is newer than the sources; else
/// what was built with these tests, run by the runtime.
/// </remarks>
internal static class HostCommand
{
    private static readonly string? Binary = FindBinary();

    public static bool IsNative => Binary is not null;

    /// <summary>The program and what comes before its own arguments.</summary>
    public static IReadOnlyList<string> Words { get; } =
        Binary is not null ? [Binary] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "L7Engine.Host.dll")];

    private static string? FindBinary()
    {
        if (Environment.GetEnvironmentVariable("L7_BINARY") is { Length: > 0 } named)
        {
            return named;
        }

        string root = RepositoryRoot();
        string published = Path.Combine(root, "out", "l7engine");
        return File.Exists(published) && File.GetLastWriteTimeUtc(published) > NewestSource(root) ? published : null;
    }

    private static DateTime NewestSource(string root) => Directory
        .EnumerateFiles(Path.Combine(root, "engine"), "*.cs*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
        .Max(File.GetLastWriteTimeUtc);

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "L7Engine.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The sources are not here.");
        }

        return folder;
    }
}
