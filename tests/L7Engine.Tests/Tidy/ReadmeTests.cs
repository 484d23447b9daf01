using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using L7Engine.Tests.Host;
using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

/// <summary>What README.md shows and says, against what there is.</summary>
[TestFixture]
internal sealed partial class ReadmeTests
{
    private static readonly string Readme = SourceTree.ReadText("README.md");

    [Test]
    public void The_example_of_a_configuration_is_valid()
    {
        ConfigFileTests.Parse(Block("jsonc"), out IReadOnlyList<string> problems);

        Assert.That(problems, Is.Empty);
    }

    [Test]
    public void The_example_of_a_configuration_has_every_setting()
    {
        Assert.That(SettingsIn(Block("jsonc")), Is.EqualTo(SettingsIn(ConfigFileTests.Printed(Example))));
    }

    [Test]
    public void The_example_of_a_configuration_says_something_about_every_setting()
    {
        var bare = from line in Block("jsonc").Split('\n')
                   where line.TrimStart().StartsWith('"') && !line.TrimEnd().EndsWith('[') && !line.TrimEnd().EndsWith('{')
                   where !line.Contains("// ", StringComparison.Ordinal)
                   select line.Trim();

        Assert.That(bare, Is.Empty);
    }

    [Test]
    public void The_example_of_a_configuration_shows_the_defaults_but_for_names_and_addresses()
    {
        LoadBalancerOptions example = Example;
        LoadBalancerOptions unnamed = example with
        {
            Listeners = [example.Listeners[0] with { Name = "default" }],
            Routes = [example.Routes[0] with { Group = "default" }],
            Groups = [example.Groups[0] with { Name = "default" }],
        };
        EndPoint backend = example.Groups[0].Backends[0].Address;
        var defaults = new LoadBalancerOptions
        {
            Listeners = [new ListenerOptions { Address = example.Listeners[0].Address }],
            Routes = [new RouteOptions()],
            Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = backend }] }],
        };

        Assert.That(ConfigFileTests.Printed(unnamed), Is.EqualTo(ConfigFileTests.Printed(defaults)));
    }

    [Test]
    public void The_code_that_embeds_it_is_the_sample()
    {
        Assert.That(Block("csharp"), Is.EqualTo(SourceTree.ReadText("samples/Minimal/Program.cs")));
    }

    [Test]
    public void Every_sample_is_named_and_built_with_the_rest()
    {
        string solution = SourceTree.ReadText("L7Engine.sln");
        var samples = Directory.GetDirectories(Path.Combine(SourceTree.Root, "samples")).Select(s => Path.GetFileName(s)!);

        var missing = from name in samples
                      where !Readme.Contains($"[samples/{name}](samples/{name})", StringComparison.Ordinal)
                          || !solution.Contains($@"samples\{name}\{name}.csproj", StringComparison.Ordinal)
                      select name;

        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void Every_reason_to_close_is_explained_and_no_other()
    {
        var reasons = Enum.GetNames<CloseReason>().Where(name => name != nameof(CloseReason.None));

        Assert.That(ReasonRow().Matches(Readme).Select(row => row.Groups[1].Value), Is.EquivalentTo(reasons));
    }

    [TestCase("README.md")]
    [TestCase("engine/README.md")]
    [TestCase("engine/TIMEOUTS.md")]
    [TestCase("benchmarks/README.md")]
    public void Every_link_leads_somewhere(string page)
    {
        string folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, page))!;
        var broken = LocalLink().Matches(SourceTree.ReadText(page)).Select(link => link.Groups[1].Value)
            .Where(target => !Path.Exists(Path.Combine(folder, target)));

        Assert.That(broken, Is.Empty);
    }

    [TestCase("README.md", "README.md")]
    [TestCase("engine/TIMEOUTS.md", "../README.md")]
    public void Every_link_to_a_heading_of_this_page_finds_it(string page, string readme)
    {
        var headings = Heading().Matches(Readme)
            .Select(h => NotInAnchors().Replace(h.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));
        string target = page == readme ? "" : readme;

        var links = HeadingLink().Matches(SourceTree.ReadText(page)).Where(link => link.Groups[1].Value == target)
            .Select(link => link.Groups[2].Value);

        Assert.That(links.Except(headings), Is.Empty);
    }

    [Test]
    public void The_page_on_timeouts_names_settings_that_exist()
    {
        string[] settings = [.. SettingsIn(Block("jsonc"))];

        var unknown = SettingRow().Matches(SourceTree.ReadText("engine/TIMEOUTS.md")).Select(row => row.Groups[1].Value)
            .Where(named => !settings.Any(s => s.EndsWith($".{named}", StringComparison.Ordinal)));

        Assert.That(unknown, Is.Empty);
    }

    private static LoadBalancerOptions Example => ConfigFileTests.Parse(Block("jsonc"), out _)!;

    // There is one block of each of these languages.
    private static string Block(string language) =>
        Readme.Split($"```{language}\n").Skip(1).Single().Split("```")[0];

    private static IEnumerable<string> SettingsIn(string json)
    {
        var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        using JsonDocument document = JsonDocument.Parse(json, options);
        return [.. SettingsIn(document.RootElement, "")];
    }

    private static IEnumerable<string> SettingsIn(JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(m => SettingsIn(m.Value, $"{path}.{m.Name}")),
        JsonValueKind.Array when json.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object) =>
            json.EnumerateArray().SelectMany((item, i) => SettingsIn(item, $"{path}[{i}]")),
        _ => [path],
    };

    [GeneratedRegex(@"^\| `(\w+)` \| (?:client|backend|both) \|", RegexOptions.Multiline)]
    private static partial Regex ReasonRow();

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex LocalLink();

    [GeneratedRegex(@"\]\(([^)#:]*)#([^)]+)\)")]
    private static partial Regex HeadingLink();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"^\| `([a-zA-Z]+\.[a-zA-Z]+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
