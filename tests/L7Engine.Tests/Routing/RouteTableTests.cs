using System.Text;
using L7Engine.Routing;
using NUnit.Framework;

namespace L7Engine.Tests.Routing;

[TestFixture]
internal sealed class RouteTableTests
{
    private static readonly RouteTable Hosts = TableOf(
        "example.com /", "*.example.com /", "*.b.example.com /", "* /", "[2001:DB8:0::1] /", "192.0.2.1 /",
        "Dot.test. /");

    private static readonly RouteTable Paths = TableOf(
        "example.com /", "example.com /api", "example.com /api/v1", "example.com /a");

    private static readonly RouteTable Fallback = TableOf(
        "a.example.com /only", "*.example.com /wild", "*.com /api", "* /any");

    [TestCase("example.com", 0)]
    [TestCase("EXAMPLE.Com", 0, TestName = "in any case")]
    [TestCase("example.com:8080", 0, TestName = "with a port")]
    [TestCase("example.com.", 0, TestName = "with a dot at its end")]
    [TestCase("example.com.:80", 0, TestName = "with both")]
    [TestCase("example.com..", 3, TestName = "with two dots at its end it is another")]
    [TestCase("a.example.com", 1)]
    [TestCase("a.c.example.com", 1, TestName = "any number of labels")]
    [TestCase("a.b.example.com", 2, TestName = "the longest suffix wins")]
    [TestCase("b.example.com", 1, TestName = "the mark stands for a label at least")]
    [TestCase("notexample.com", 3, TestName = "a suffix begins at a dot")]
    [TestCase("other.test", 3)]
    [TestCase("", 3, TestName = "no host")]
    [TestCase("[2001:db8::1]", 4)]
    [TestCase("[2001:DB8::1]:8080", 4, TestName = "an IPv6 address with a port")]
    [TestCase("[2001:db8::2]", 3)]
    [TestCase("192.0.2.1:80", 5)]
    [TestCase("dot.test", 6, TestName = "a pattern with a dot at its end")]
    public void The_most_specific_host_wins(string host, int expected)
    {
        Assert.That(Find(Hosts, host, "/x"), Is.EqualTo(expected));
    }

    [TestCase("/", 0)]
    [TestCase("/other", 0)]
    [TestCase("/api", 1)]
    [TestCase("/api/", 1)]
    [TestCase("/api/x", 1)]
    [TestCase("/apix", 0)]
    [TestCase("/api/v1", 2)]
    [TestCase("/api/v1/x", 2)]
    [TestCase("/api/v10", 1)]
    [TestCase("/a", 3)]
    [TestCase("/API", 0, TestName = "a path has a case")]
    public void The_longest_path_wins_by_whole_segments(string path, int expected)
    {
        Assert.That(Find(Paths, "example.com", path), Is.EqualTo(expected));
    }

    [TestCase("/only", 0)]
    [TestCase("/wild", 1)]
    [TestCase("/api", 2)]
    [TestCase("/any", 3)]
    [TestCase("/none", -1)]
    public void A_host_without_a_fitting_path_leaves_it_to_the_next(string path, int expected)
    {
        Assert.That(Find(Fallback, "a.example.com", path), Is.EqualTo(expected));
    }

    [Test]
    public void A_host_that_is_longer_than_any_name_matches_only_the_star()
    {
        Assert.That(Find(Hosts, new string('a', 400) + ".example.com", "/"), Is.EqualTo(3));
    }

    [TestCase("* /", true)]
    [TestCase("* /api", false)]
    [TestCase("example.com /", false)]
    public void A_single_route_for_everything_is_a_catch_all(string entry, bool expected)
    {
        Assert.That(TableOf(entry).IsCatchAll, Is.EqualTo(expected));
    }

    [Test]
    public void A_catch_all_beside_a_route_that_is_more_specific_is_none()
    {
        Assert.That(TableOf("* /", "* /api").IsCatchAll, Is.False);
    }

    [Test]
    public void A_catch_all_takes_what_was_not_prepared()
    {
        Assert.That(Find(TableOf("* /"), "", ""), Is.Zero);
    }

    [Test]
    public void A_table_without_routes_finds_none()
    {
        Assert.That(Find(TableOf(), "example.com", "/"), Is.EqualTo(-1));
    }

    [Test]
    public void A_route_leads_to_its_group()
    {
        var table = new RouteTable([new RouteEntry("a.test", "/", 7), new RouteEntry("*", "/", 3)]);

        Assert.That(new[] { table.GroupOf(0), table.GroupOf(1) }, Is.EqualTo((int[])[7, 3]));
    }

    [Test]
    public void A_lookup_allocates_nothing()
    {
        Assert.That(Allocated.BytesBy(() => Hosts.Find("x.B.Example.com:80"u8, "/api/v1"u8)), Is.Zero);
    }

    private static RouteTable TableOf(params string[] entries) =>
        new([.. entries.Select(e => e.Split(' ')).Select((e, i) => new RouteEntry(e[0], e[1], i))]);

    private static int Find(RouteTable table, string host, string path) =>
        table.Find(Encoding.Latin1.GetBytes(host), Encoding.Latin1.GetBytes(path));
}
