using System.Net;
using NUnit.Framework;

namespace L7Engine.Tests.Configuration;

[TestFixture]
internal sealed class CookieRulesTests
{
    private const string Key = "AAAAAAAAAAAAAAAAAAAAAA==";

    [TestCase("a.example / A, a.example /api B", TestName = "of one host")]
    [TestCase("a.example / A, A.example. /api B", TestName = "of one host that is written otherwise")]
    [TestCase("* / A, a.example /api B", TestName = "of a host and of all")]
    [TestCase("*.example / A, a.b.example /api B", TestName = "of a host and of its domain")]
    [TestCase("*.example / A, *.b.example /api B", TestName = "of a domain and of one below it")]
    [TestCase("*.b.example / A, a.b.example /api B", TestName = "of a host and of a domain whose name is as long")]
    [TestCase("* / A, *.example /x A, a.example /api B", TestName = "of a host and of all behind a domain that has no more")]
    public void Two_groups_that_one_host_reaches_may_not_have_one_cookie(string routes)
    {
        ConfigurationError error = With(routes, "l7affinity").Validate().Single();

        Assert.That(error.Path, Is.EqualTo("groups[1].affinity.cookie"));
        Assert.That(error.Message, Does.Contain("as in groups[0]").And.Contain("example").Or.Contain("\"*\""));
        Assert.That(With(routes, "other").Validate(), Is.Empty, "with names of their own they may");
    }

    [TestCase("a.example / A, b.example / B", TestName = "of two hosts")]
    [TestCase("* / A, a.example / B", TestName = "of all hosts and of one that is taken as a whole")]
    [TestCase("*.example / A, example / B", TestName = "of a domain and of what it does not cover")]
    [TestCase("a.example / A, a.example /api A, b.example / B", TestName = "of which one has two paths")]
    public void Groups_that_no_host_reaches_both_may(string routes) =>
        Assert.That(With(routes, "l7affinity").Validate(), Is.Empty);

    [Test]
    public void A_group_that_binds_nobody_takes_no_name_away()
    {
        LoadBalancerOptions options = With("* / A, * /api B", "l7affinity");

        Assert.That((options with { Groups = [options.Groups[0], options.Groups[1] with { Affinity = new() }] }).Validate(), Is.Empty);
    }

    private static LoadBalancerOptions With(string routes, string cookieOfB) => Valid.Options with
    {
        Groups = [GroupOf("A", 1, "l7affinity"), GroupOf("B", 2, cookieOfB)],
        Routes = [.. routes.Split(", ").Select(r => r.Split(' ')).Select(
            r => new RouteOptions { Host = r[0], Path = r[1], Group = r[2] })],
    };

    private static BackendGroupOptions GroupOf(string name, int port, string cookie) => new()
    {
        Name = name,
        Backends = [new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, port) }],
        Affinity = new AffinityOptions { Enabled = true, Key = Key, Cookie = cookie },
    };
}
