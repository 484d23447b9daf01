using System.Globalization;
using System.Text.RegularExpressions;
using L7Engine.Load.Bench.Report;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

/// <summary>The style sheet, by its own words: colours that can be read, and pages that can be printed.</summary>
/// <remarks>Contrast by WCAG 2.2, criteria 1.4.3 (text) and 1.4.11 (graphics), level AA.</remarks>
[TestFixture]
internal sealed partial class ReportStyleTests
{
    private const double ForText = 4.5;
    private const double ForGraphics = 3;

    // Lines of tables and axes only guide the eye; a halo is the ground around what is drawn on something else.
    private static readonly string[] Decoration = ["line", "ground"];
    private static readonly string[] Grounds = ["ground", "panel", "warn-ground"];

    private static readonly string Sheet = ReportStyle.Sheet.ToString();

    private static readonly Dictionary<string, double> Light = LuminancesIn(Sheet[..DarkStart]);

    private static readonly Dictionary<string, double> Dark = LuminancesIn(Sheet[DarkStart..]);

    private static int DarkStart => Sheet.IndexOf("(prefers-color-scheme: dark)", StringComparison.Ordinal);

    [Test]
    public void Black_on_white_has_the_most_contrast()
    {
        Assert.That(Contrast(LuminanceOf("#000"), LuminanceOf("#ffffff")), Is.EqualTo(21).Within(1e-9));
        Assert.That(Contrast(LuminanceOf("#777"), LuminanceOf("#fff")), Is.EqualTo(4.48).Within(0.01));
    }

    [Test]
    public void Everything_that_is_written_or_drawn_stands_out_from_what_is_behind_it([Values] bool isDark)
    {
        Dictionary<string, double> colours = isDark ? Dark : Light;
        var uses = UsesIn(Sheet).ToArray();

        var weak = from use in uses
                   let contrast = Contrast(colours[use.Colour], colours[use.Ground])
                   where contrast < use.Least
                   select $"{use.Colour} on {use.Ground} in \"{use.Selector}\": {contrast:0.00}, not {use.Least}";

        Assert.That(weak, Is.Empty);
        Assert.That(uses.Select(u => u.Colour).Distinct(), Is.EquivalentTo(colours.Keys.Except(Grounds).Except(Decoration)));
    }

    [Test]
    public void Every_colour_has_a_name_and_a_value_for_light_and_for_dark()
    {
        string rules = RootRule().Replace(Sheet, "");

        Assert.That(Dark.Keys, Is.EquivalentTo(Light.Keys));
        Assert.That(ColourUse().Matches(rules).Select(m => m.Groups[1].Value).Distinct(), Is.SubsetOf(Light.Keys));
        Assert.That(rules, Does.Not.Match("#[0-9a-f]{3}|rgb|hsl"));
    }

    [Test]
    public void Paper_is_light_whatever_the_reader_prefers()
    {
        Assert.That(Regex.Count(Sheet, "prefers-color-scheme"), Is.EqualTo(1));
        Assert.That(Sheet, Does.Contain("@media screen and (prefers-color-scheme: dark)"));
        Assert.That(PrintRules, Does.Contain("color-scheme: light;"));
    }

    // A page of A4 less margins of 1 cm has 1,047 pixels of height; title, legend and description take less than 200.
    [Test]
    public void No_plot_is_cut_in_two_by_the_end_of_a_page()
    {
        double scale = 16 * double.Parse(
            Regex.Match(PrintRules, @"figure > svg \{ max-width: (\d+)rem").Groups[1].Value, CultureInfo.InvariantCulture)
            / Figure.Width;

        Assert.That(PrintRules, Does.Match(@"figure[^{}]*\{ break-inside: avoid; \}"));
        Assert.That(Plots.Of(SampleReport.Full).Select(p => p.Height * scale), Is.All.LessThan(1_047 - 200));
    }

    [Test]
    public void What_is_a_click_away_on_a_screen_is_on_paper()
    {
        Assert.That(PrintRules, Does.Contain("details::details-content { content-visibility: visible;"));
    }

    private static string PrintRules => Sheet[Sheet.IndexOf("@media print", StringComparison.Ordinal)..];

    private sealed record Use(string Selector, string Colour, string Ground, double Least);

    private static IEnumerable<Use> UsesIn(string sheet) =>
        from Match rule in Rule().Matches(sheet)
        let selector = rule.Groups[1].Value.Trim()
        let declarations = rule.Groups[2].Value
        let ground = Ground().Match(declarations) is { Success: true } g ? g.Groups[1].Value : "ground"
        from use in UsesIn(selector, declarations, ground)
        where !Decoration.Contains(use.Colour)
        select use;

    // What has a ground and no colour of its own is written in that of the page.
    private static IEnumerable<Use> UsesIn(string selector, string declarations, string ground)
    {
        if (ground != "ground" && !Regex.IsMatch(declarations, @"(^|[\s;])color:"))
        {
            yield return new Use(selector, "text", ground, ForText);
        }

        foreach (Match match in Foreground().Matches(declarations))
        {
            bool isText = match.Groups[1].Value == "color" || (match.Groups[1].Value == "fill" && selector.StartsWith("svg ", StringComparison.Ordinal));
            yield return new Use(selector, match.Groups[2].Value, ground, isText ? ForText : ForGraphics);
        }
    }

    private static Dictionary<string, double> LuminancesIn(string sheet) =>
        Definition().Matches(RootRule().Match(sheet).Value).ToDictionary(m => m.Groups[1].Value, m => LuminanceOf(m.Groups[2].Value));

    private static double Contrast(double one, double other) =>
        (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);

    private static double LuminanceOf(string colour)
    {
        string digits = colour.Length == 4 ? string.Concat(colour[1..].Select(c => $"{c}{c}")) : colour[1..];
        double[] parts = [.. Convert.FromHexString(digits).Select(b => Linear(b / 255.0))];
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }

    private static double Linear(double part) => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);

    [GeneratedRegex(@":root \{[^}]*--[^}]*\}")]
    private static partial Regex RootRule();

    [GeneratedRegex(@"--([\w-]+): (#[0-9a-f]+)")]
    private static partial Regex Definition();

    [GeneratedRegex(@"var\(--([\w-]+)\)")]
    private static partial Regex ColourUse();

    [GeneratedRegex(@"([^{}]+)\{([^{}]*)\}")]
    private static partial Regex Rule();

    [GeneratedRegex(@"background: var\(--([\w-]+)\)")]
    private static partial Regex Ground();

    [GeneratedRegex(@"(?<![\w-])(color|fill|stroke|border-left-color|border-left|outline):[^;}]*var\(--([\w-]+)\)")]
    private static partial Regex Foreground();
}
