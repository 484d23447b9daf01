using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class ReportPageTests
{
    private static readonly string Page = ReportPage.Write(SampleReport.Full);

    [Test]
    public void The_page_needs_nothing_but_itself()
    {
        Assert.That(Page, Does.Not.Contain("<script").And.Not.Contain("<link").And.Not.Contain("<img"));
        Assert.That(Regex.IsMatch(Page, @"(src|href)=""(?!#)|url\(|@import|https?:"), Is.False);
        Assert.That(Page, Does.Contain("default-src 'none'"));
    }

    [Test]
    public void What_comes_from_outside_is_escaped()
    {
        Assert.That(Page, Does.Contain("1.22.1 &lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
        Assert.That(Page, Does.Contain("Sample 9000 &lt;at 3 GHz&gt; &amp; &quot;co&quot;"));
        Assert.That(Page, Does.Contain("# &lt;b&gt;&amp;amp;&lt;/b&gt;"));
        Assert.That(Page, Does.Contain("412 retransmissions &lt;in 1 s&gt;"));
    }

    // Elements that HTML leaves open are closed first; then everything has to be nested as it should be.
    [Test]
    public void Every_element_that_is_opened_is_closed()
    {
        string body = Regex.Replace(Page[Page.IndexOf("<html", StringComparison.Ordinal)..], "<meta[^>]*>", "");

        Assert.That(() => XDocument.Parse(body), Throws.Nothing);
    }

    [Test]
    public void Every_plot_has_a_title_a_description_and_its_figures_as_a_table()
    {
        XElement[] figures = [.. Body().Descendants("figure")];

        Assert.That(figures.Select(f => (string?)f.Element("h3")), Is.EqualTo(
        [
            "Throughput", "Latency of l7engine", "Latency of haproxy", "Latency of nginx", "Latency side by side",
            "Throughput against connections", "Cost of a connection",
        ]));
        foreach (XElement figure in figures)
        {
            XElement drawing = figure.Element("svg")!;
            string[] ids = ((string)drawing.Attribute("aria-labelledby")!).Split(' ');
            Assert.That(ids.Select(id => drawing.Elements().Count(e => (string?)e.Attribute("id") == id)), Is.All.EqualTo(1));
            Assert.That(figure.Element("details")!.Descendants("td"), Is.Not.Empty);
        }
    }

    [Test]
    public void No_id_is_given_twice()
    {
        Assert.That(Body().Descendants().Attributes("id").Select(a => a.Value), Is.Unique);
    }

    // What is drawn past the edge of a drawing is cut off.
    [Test]
    public void Everything_is_drawn_inside_its_drawing()
    {
        foreach (XElement drawing in Body().Descendants("svg"))
        {
            double[] box = Numbers((string)drawing.Attribute("viewBox")!);
            var places = from e in drawing.Descendants()
                         from a in e.Attributes()
                         where a.Name.LocalName is "x" or "cx" or "y" or "cy"
                         let most = a.Name.LocalName.EndsWith('x') ? box[2] : box[3]
                         where double.Parse(a.Value, CultureInfo.InvariantCulture) is var v && (v < 0 || v > most)
                         select a;

            Assert.That(places, Is.Empty);
        }
    }

    [Test]
    public void Every_figure_is_there_with_its_interval()
    {
        Assert.That(Page, Does.Contain("<td>48,300<small>46,400 to 50,800</small></td>"));
        Assert.That(Page, Does.Contain("<td>12.5 µs<small>").Or.Contain("<td>12.5 &#181;s<small>"));
        foreach (FigureRow row in FigureRow.All)
        {
            Assert.That(Page, Does.Contain($"<th scope=\"row\">{row.Name}</th>"));
        }
    }

    [Test]
    public void No_winner_is_named_where_intervals_overlap()
    {
        XElement[] verdicts = [.. Body().Descendants("ul").Single(u => (string?)u.Attribute("class") == "verdicts").Elements()];

        Assert.That(verdicts[0].Value, Is.EqualTo(
            "l7engine, throughput: keep-alive is 2.84 × close (95\u00a0% interval 2.71 to 2.95). Better: keep-alive."));
        Assert.That(verdicts[1].Value, Does.EndWith("No winner: the intervals overlap."));
    }

    [Test]
    public void Of_many_comparisons_the_first_are_shown_and_the_others_a_click_away()
    {
        BenchReport many = SampleReport.Full with
        {
            Comparisons = [.. Enumerable.Range(1, 9).Select(
                i => SampleReport.Full.Comparisons[0] with { Figure = FormattableString.Invariant($"figure {i}") })],
        };

        string page = ReportPage.Write(many);

        int more = page.IndexOf("<summary>3 more comparisons</summary>", StringComparison.Ordinal);
        Assert.That(more, Is.GreaterThan(page.IndexOf("figure 6:", StringComparison.Ordinal)));
        Assert.That(page.IndexOf("figure 7:", StringComparison.Ordinal), Is.GreaterThan(more));
        Assert.That(page, Does.Contain("figure 9:"));
    }

    [Test]
    public void Blocks_that_do_not_count_are_listed_with_the_reason()
    {
        XElement invalid = Body().Descendants("section").Single(s => (string?)s.Attribute("id") == "invalid");

        Assert.That(invalid.Descendants("tr").Skip(1).Select(r => r.Value), Has.Exactly(4).Contains("412 retransmissions"));
        Assert.That(Page, Does.Contain("4 of 112 blocks are invalid"));
    }

    [Test]
    public void A_run_of_which_nothing_came_is_a_page_too()
    {
        BenchReport empty = SampleReport.Full with
        {
            Subjects = [new Subject { Name = "l7engine", Quadrants = [new Quadrant { Client = ConnectionMode.Close }] }],
            Comparisons = [],
        };

        Assert.That(ReportPage.Write(empty), Does.Contain("0 of 0"));
    }

    private static XElement Body()
    {
        string body = Regex.Replace(Page[Page.IndexOf("<html", StringComparison.Ordinal)..], "<meta[^>]*>", "");
        return XDocument.Parse(body).Root!;
    }

    private static double[] Numbers(string text) =>
        [.. text.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
}
