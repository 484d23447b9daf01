using System.Text.RegularExpressions;
using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

/// <summary>The folders, in the order of a request. A folder may use those after it, never those before.</summary>
[TestFixture]
internal sealed partial class LayeringTests
{
    private static readonly string[] Layers =
        ["Clients", "Proxying", "Configuration", "Routing", "Balancing", "Backends", "Transport"];

    // They may be used from everywhere and use nothing, each other included.
    private static readonly string[] Leaves = ["Timing", "Http", "Diagnostics"];

    private static readonly string[] All = [.. Layers, .. Leaves];

    private static readonly ILookup<string, string> TypesOfLayer = typeof(LoadBalancer).Assembly.GetTypes()
        .Where(t => t.Namespace?.StartsWith("L7Engine.", StringComparison.Ordinal) == true)
        .ToLookup(t => t.Namespace!.Split('.')[1], t => t.Name.Split('`')[0]);

    [TestCaseSource(nameof(All))]
    public void A_layer_uses_only_the_layers_below_it(string layer)
    {
        string[] below = Leaves.Contains(layer) ? [layer] : All[Array.IndexOf(All, layer)..];

        var upward = from file in SourceTree.FilesIn(SourceTree.Library)
                     where file.Path.StartsWith($"{SourceTree.Library}{layer}/", StringComparison.Ordinal)
                     from used in LayersUsedBy(file)
                     where !below.Contains(used)
                     select $"{file.Path} uses {used}";

        Assert.That(upward, Is.Empty);
    }

    // The others are windows: what code of an embedder sees, in a pick, of what a layer has.
    private static readonly string[] RootFilesThatKnowLayers =
        ["LoadBalancer.cs", "BalancingCandidates.cs", "BalancingRequest.cs"];

    [Test]
    public void Of_the_root_files_only_the_load_balancer_knows_the_layers()
    {
        var knowing = from file in SourceTree.LibraryRootFiles()
                      where !RootFilesThatKnowLayers.Contains(file.Name)
                      from used in LayersUsedBy(file)
                      where used != "Configuration"
                      select $"{file.Path} uses {used}";

        Assert.That(knowing, Is.Empty);
    }

    [Test]
    public void No_layer_knows_the_load_balancer()
    {
        var upward = from file in SourceTree.FilesIn(SourceTree.Library).Except(SourceTree.LibraryRootFiles())
                     where LoadBalancerName().IsMatch(file.Code)
                     select file.Path;

        Assert.That(upward, Is.Empty);
    }

    [Test]
    public void Every_folder_is_a_layer()
    {
        var folders = Directory.GetDirectories(Path.Combine(SourceTree.Root, SourceTree.Library))
            .Select(path => Path.GetFileName(path)!)
            .Except(["bin", "obj"]);

        Assert.That(folders, Is.SubsetOf(All));
    }

    [Test]
    public void Every_type_is_in_the_namespace_of_its_folder()
    {
        var strays = from file in SourceTree.FilesIn(SourceTree.Library)
                     let folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/')
                     let expected = folder["engine/".Length..].Replace('/', '.')
                     where !file.Code.Contains($"namespace {expected};", StringComparison.Ordinal)
                     select file.Path;

        Assert.That(strays, Is.Empty);
    }

    private static IEnumerable<string> LayersUsedBy(SourceFile file)
    {
        var byFullName = FullName().Matches(file.Code).Select(m => m.Groups[1].Value).Where(All.Contains);

        // Inside namespace L7Engine a layer can be named without its prefix; a property may have the same name.
        var byShortName = ShortName().Matches(file.Code)
            .Where(m => TypesOfLayer[m.Groups[1].Value].Contains(m.Groups[2].Value))
            .Select(m => m.Groups[1].Value);
        return byFullName.Concat(byShortName).Distinct();
    }

    [GeneratedRegex(@"\bL7Engine\.(\w+)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])(\w+)\.(\w+)")]
    private static partial Regex ShortName();

    [GeneratedRegex(@"\bLoadBalancer\b")]
    private static partial Regex LoadBalancerName();
}
