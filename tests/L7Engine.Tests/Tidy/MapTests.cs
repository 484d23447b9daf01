using System.Text.RegularExpressions;
using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

/// <summary>The map, engine/README.md, against the tree: the first cell of each row of its tables is a place.</summary>
[TestFixture]
internal sealed partial class MapTests
{
    [Test]
    public void The_map_names_every_folder_and_every_root_file_of_the_library_and_no_other()
    {
        var folders = SourceTree.FilesIn(SourceTree.Library)
            .Select(f => Path.GetDirectoryName(f.Path[SourceTree.Library.Length..])!.Replace('\\', '/') + "/")
            .Where(folder => folder != "/");

        Assert.That(
            PlacesIn("L7Engine"),
            Is.EquivalentTo(SourceTree.LibraryRootFiles().Select(f => f.Name).Concat(folders.Distinct())));
    }

    [Test]
    public void The_map_names_every_folder_of_the_host_and_no_other()
    {
        const string Host = "engine/L7Engine.Host/";
        var folders = SourceTree.FilesIn(Host)
            .Select(f => Path.GetDirectoryName(f.Path[Host.Length..])!.Replace('\\', '/') + "/")
            .Where(folder => folder != "/");

        Assert.That(PlacesIn("L7Engine.Host").Where(p => p.EndsWith('/')), Is.EquivalentTo(folders.Distinct()));
    }

    private static IEnumerable<string> PlacesIn(string section)
    {
        string map = SourceTree.ReadText("engine/README.md");
        string[] sections = map.Split("\n## ");
        string text = sections.Single(s => s.StartsWith(section + "\n", StringComparison.Ordinal));
        return FirstCell().Matches(text).Select(m => m.Groups[1].Value);
    }

    [GeneratedRegex(@"^\| `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex FirstCell();
}
