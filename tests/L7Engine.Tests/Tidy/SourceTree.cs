namespace L7Engine.Tests.Tidy;

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceTree
{
    public const string Library = "engine/L7Engine/";

    public static string Root { get; } = FindRoot();

    /// <summary>All C# files below a folder, those that the build made left out.</summary>
    /// <param name="folder">From the root of the repository, with a slash at its end.</param>
    public static IEnumerable<SourceFile> FilesIn(string folder) =>
        from path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal)
            && !relative.Contains("/bin/", StringComparison.Ordinal)
        orderby relative
        select new SourceFile(relative, File.ReadAllText(path));

    /// <summary>The files of the library that are in no folder: its public face.</summary>
    public static IEnumerable<SourceFile> LibraryRootFiles() =>
        FilesIn(Library).Where(f => !f.Path[Library.Length..].Contains('/', StringComparison.Ordinal));

    public static string ReadText(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "L7Engine.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
        }

        return directory.FullName;
    }
}
