using System.Text.RegularExpressions;
using System.Xml.Linq;
using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

/// <summary>Reports of runs that did not go as they should.</summary>
[TestFixture]
internal sealed class ReportStateTests
{
    private static readonly BenchReport Full = SampleReport.Full;

    [Test]
    public void A_run_to_which_nothing_happened_has_no_caution()
    {
        BenchReport clean = Full with { Subjects = [.. Full.Subjects.Where(s => s.Name != "haproxy")] };

        Assert.That(Caution.Of(clean), Is.Empty);
    }

    [Test]
    public void A_mode_without_a_valid_block_is_named_wherever_its_figures_would_be()
    {
        BenchReport report = WithQuadrants((subject, q) =>
            subject == "l7engine" && IsOf(q, ConnectionMode.KeepAlive, ConnectionMode.Close) ? InvalidOf(q) : q);

        XElement page = Parse(report);
        XElement throughput = PlotOf(page, "Throughput");
        Assert.That(TextsIn(throughput), Has.One.EqualTo("l7engine: no valid block"));
        Assert.That(throughput.Descendants("rect").Count(r => r.Parent!.Name == "svg" && r.Attribute("height")!.Value == "15"),
            Is.EqualTo(13));
        Assert.That((string?)PlotOf(page, "Latency of l7engine").Element("figcaption"),
            Does.EndWith("No valid block: keep-alive → close."));
        Assert.That((string?)PlotOf(page, "Latency of nginx").Element("figcaption"), Does.Not.Contain("No valid block"));
        Assert.That(WarningsIn(page), Has.One.EndsWith("hold less than 95 %: l7engine keep-alive → close (0)."));
    }

    [Test]
    public void A_mode_with_too_few_valid_blocks_is_named_with_their_number()
    {
        BenchReport report = WithQuadrants((subject, q) =>
            subject == "nginx" && IsOf(q, ConnectionMode.Close, ConnectionMode.Close)
                ? q with { Blocks = [.. q.Blocks.Select(b => b.Round <= 3 ? b with { Invalid = "1 reset" } : b)] }
                : q);

        Assert.That(Caution.Of(report).Select(c => c.Text), Has.One.EndsWith("95 %: nginx close → close (5)."));
    }

    [Test]
    public void Where_no_block_is_valid_nothing_is_drawn_and_every_block_has_its_reason()
    {
        BenchReport report = WithQuadrants((_, q) => InvalidOf(q)) with { Comparisons = [] };

        XElement page = Parse(report);
        Assert.That(page.Descendants("svg"), Is.Empty);
        Assert.That(page.Value, Does.Contain("None: there is no valid block."));
        Assert.That(WarningsIn(page), Has.One.StartsWith("112 of 112 blocks are invalid").And.One.EndsWith(": every mode."));
        Assert.That(RowsOfInvalid(page), Has.Exactly(14).StartsWith("Rounds 1 to 8"));
        Assert.That(ConsoleReport.Write(report), Does.Contain("112 of 112 blocks are invalid"));
    }

    [Test]
    public void A_run_that_was_interrupted_after_two_rounds_says_how_much_it_has_and_that_it_compares_nothing()
    {
        BenchReport report = WithQuadrants((_, q) => q with { Blocks = [.. q.Blocks.Take(2)] }) with
        {
            Plan = Full.Plan with { WasInterrupted = true },
            Comparisons = [],
        };

        string[] warnings = WarningsIn(Parse(report));

        Assert.That(warnings[0], Is.EqualTo("The run was interrupted. It has 28 of 112 blocks."));
        Assert.That(warnings[1], Does.StartWith("Fewer than 6 valid blocks, so no comparison").And.EndsWith(": every mode."));
        Assert.That(ConsoleReport.Write(report), Does.Contain(warnings[0]).And.Contain(warnings[1]));
    }

    [Test]
    public void A_run_that_ended_in_the_plots_lacks_no_block()
    {
        BenchReport report = Full with { Plan = Full.Plan with { EndedBy = "the backend ended by signal 9" } };

        Assert.That(WarningsIn(Parse(report))[0], Is.EqualTo(
            "The run ended early: the backend ended by signal 9. It has all blocks, but not all of the plots over "
            + "connections and body size."));
    }

    [Test]
    public void A_peer_that_is_not_installed_is_named()
    {
        BenchReport report = Full with
        {
            Plan = Full.Plan with { MissingPeers = ["haproxy"] },
            Subjects = [.. Full.Subjects.Where(s => s.Name != "haproxy")],
        };

        Assert.That(WarningsIn(Parse(report)), Is.EqualTo(["Not installed, and so not measured: haproxy."]));
        Assert.That(ConsoleReport.Write(report), Does.Contain("Not installed, and so not measured: haproxy."));
    }

    [TestCase(8, "Vertical bars: 95 % intervals.")]
    [TestCase(5, "Vertical bars: lowest to highest of 5 blocks.")]
    [TestCase(1, "One block for each point.")]
    public void Bars_of_few_blocks_are_not_called_an_interval(int blocks, string said)
    {
        BenchReport report = Full with
        {
            Subjects = [.. Full.Subjects.Select(s => s with
            {
                ThroughputOverConnections = [.. s.ThroughputOverConnections.Select(p => p with { Blocks = blocks })],
                ConnectionCostOverBody = [.. s.ConnectionCostOverBody.Select(p => p with { Blocks = blocks })],
            })],
        };

        XElement page = Parse(report);
        Assert.That((string?)PlotOf(page, "Throughput against connections").Element("figcaption"), Does.Contain(said));
        Assert.That((string?)PlotOf(page, "Cost of a connection").Element("figcaption"), Does.Contain(said));
    }

    [Test]
    public void Rounds_with_the_same_reason_are_one_line_and_neighbours_a_range()
    {
        BenchReport report = WithQuadrants((subject, q) => q with
        {
            Blocks = [.. q.Blocks.Select(b => b with
            {
                Invalid = subject == Subject.Direct && q.Client == ConnectionMode.Close
                    ? b.Round switch { 1 or 3 or 4 or 5 or 8 => "1 reset", 7 => "2 resets", _ => null }
                    : null,
            })],
        });

        Assert.That(InvalidBlocks.Of(report).Select(b => (b.Rounds, b.Reason)), Is.EqualTo(
            [("rounds 1, 3 to 5, 8", "1 reset"), ("round 7", "2 resets")]));
    }

    [Test]
    public void Many_reasons_are_a_click_away()
    {
        BenchReport report = WithQuadrants((_, q) => q with
        {
            Blocks = [.. q.Blocks.Select(b => b with { Invalid = FormattableString.Invariant($"{b.Round} resets") })],
        });

        XElement section = InvalidIn(Parse(report));

        Assert.That((string?)section.Element("details")!.Element("summary"), Is.EqualTo("112 reasons"));
        Assert.That(InvalidIn(Parse(Full)).Element("details"), Is.Null);
    }

    private static bool IsOf(Quadrant quadrant, ConnectionMode client, ConnectionMode backend) =>
        quadrant.Client == client && quadrant.Backend == backend;

    private static BenchReport WithQuadrants(Func<string, Quadrant, Quadrant> change) => Full with
    {
        Subjects = [.. Full.Subjects.Select(s => s with
        {
            Quadrants = [.. s.Quadrants.Select(q => change(s.Name, q))],
            ThroughputOverConnections = [],
            ConnectionCostOverBody = [],
        })],
    };

    private static Quadrant InvalidOf(Quadrant quadrant) => quadrant with
    {
        Blocks = [.. quadrant.Blocks.Select(b => b with { Invalid = "412 failed requests: Timeout" })],
        Figures = new BenchFigures(),
        Latencies = [],
    };

    // Throws where an element is not closed.
    private static XElement Parse(BenchReport report)
    {
        string page = ReportPage.Write(report);
        return XDocument.Parse(Regex.Replace(page[page.IndexOf("<html", StringComparison.Ordinal)..], "<meta[^>]*>", "")).Root!;
    }

    private static XElement PlotOf(XElement page, string title) =>
        page.Descendants("figure").Single(f => (string?)f.Element("h3") == title);

    private static IEnumerable<string> TextsIn(XElement plot) => plot.Element("svg")!.Descendants("text").Select(t => t.Value);

    private static string[] WarningsIn(XElement page) =>
        [.. page.Descendants("p").Where(p => (string?)p.Attribute("class") == "warning").Select(TextOf)];

    private static string TextOf(XElement warning) => string.Concat(warning.Nodes().OfType<XText>().Select(t => t.Value)).Trim();

    private static XElement InvalidIn(XElement page) =>
        page.Descendants("section").Single(s => (string?)s.Attribute("id") == Caution.InvalidSection);

    private static IEnumerable<string> RowsOfInvalid(XElement page) =>
        InvalidIn(page).Descendants("tbody").Single().Elements("tr").Select(r => r.Value);
}
