using System.Net;
using NUnit.Framework;

namespace L7Engine.Tests;

[TestFixture]
internal sealed class LoadBalancerOptionsTests
{
    [Test]
    public void One_listener_and_one_backend_are_a_valid_configuration()
    {
        Assert.That(Valid.Options.Validate(), Is.Empty);
    }

    [Test]
    public void An_empty_configuration_lacks_a_listener_and_a_group()
    {
        Assert.That(PathsOf(new LoadBalancerOptions()), Is.EqualTo(["listeners", "groups"]));
    }

    [Test]
    public void All_broken_rules_are_reported_at_once()
    {
        LoadBalancerOptions options = Valid.Options with
        {
            Loops = -1,
            Listeners = [Valid.Listener with { Name = " ", KeepAlive = new KeepAliveOptions { MaxRequests = -1 } }],
            Limits = new Limits { MaxRequestFields = 0 },
            Timeouts = new Timeouts { Linger = TimeSpan.Zero },
        };

        Assert.That(PathsOf(options), Is.EqualTo(
        [
            "listeners[0].name", "listeners[0].keepAlive.maxRequests", "limits.maxRequestFields", "timeouts.linger",
            "loops",
        ]));
    }

    [Test]
    public void A_load_balancer_refuses_broken_options_and_lists_every_error()
    {
        ConfigurationException? refused = Assert.Throws<ConfigurationException>(
            () => _ = new LoadBalancer(new LoadBalancerOptions()));

        Assert.That(refused?.Errors, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_missing_address_is_an_error_and_not_an_exception()
    {
        LoadBalancerOptions options = Valid.With(new BackendOptions { Address = null! }) with
        {
            Listeners = [Valid.Listener with { Address = null! }],
        };

        Assert.That(PathsOf(options), Is.EqualTo(["listeners[0].address", "groups[0].backends[0].address"]));
    }

    [TestCase("127.0.0.1:8080", "127.0.0.1:8080", false, TestName = "the same address and port")]
    [TestCase("0.0.0.0:8080", "127.0.0.1:8080", false, TestName = "any address and one of them")]
    [TestCase("[::]:8080", "[::1]:8080", false, TestName = "any IPv6 address and one of them")]
    [TestCase("127.0.0.1:8080", "127.0.0.2:8080", true, TestName = "two addresses")]
    [TestCase("127.0.0.1:8080", "127.0.0.1:8081", true, TestName = "two ports")]
    [TestCase("127.0.0.1:0", "127.0.0.1:0", true, TestName = "two free ports")]
    [TestCase("[::]:8080", "0.0.0.0:8080", false, TestName = "any address of both families, and any of one")]
    [TestCase("[::1]:8080", "127.0.0.1:8080", true, TestName = "two address families")]
    public void Listeners_may_not_overlap(string first, string second, bool isValid)
    {
        LoadBalancerOptions options = Valid.Options with
        {
            Listeners =
            [
                Valid.Listener with { Name = "a", Address = IPEndPoint.Parse(first) },
                Valid.Listener with { Name = "b", Address = IPEndPoint.Parse(second) },
            ],
        };

        Assert.That(string.Join(",", PathsOf(options)), Is.EqualTo(isValid ? "" : "listeners[1].address"));
    }

    [Test]
    public void Names_of_listeners_and_of_groups_are_unique()
    {
        LoadBalancerOptions options = Valid.Options with
        {
            Listeners = [Valid.Listener, Valid.Listener with { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
            Groups = [.. Valid.Options.Groups, .. Valid.Options.Groups],
            Routes = [new RouteOptions()],
        };

        Assert.That(PathsOf(options), Is.EqualTo(["listeners[1].name", "groups[1].name"]));
    }

    [Test]
    public void Several_groups_need_routes()
    {
        LoadBalancerOptions options = Valid.Options with
        {
            Groups = [.. Valid.Options.Groups, Valid.Options.Groups[0] with { Name = "other" }],
        };

        Assert.That(PathsOf(options), Is.EqualTo(["routes"]));
    }

    // With less a loop may have no block left for a response: not one would get through.
    [TestCase(4, ExpectedResult = 0)]
    [TestCase(5, ExpectedResult = 1)]
    public int Each_loop_needs_buffers_for_a_request_and_its_response(int loops) => PathsOf(Valid.Options with
    {
        Loops = loops,
        Limits = new Limits { MaxBufferBytes = 1_024 * 1_024 },
    }).Count(path => path == "limits.maxBuffer");

    [Test]
    public void A_route_names_a_group_that_exists()
    {
        LoadBalancerOptions options = Valid.With(new RouteOptions { Group = "nowhere" });

        Assert.That(options.Validate().Single().ToString(),
            Is.EqualTo("routes[0].group: is \"nowhere\", which is no group; the groups are \"default\""));
    }

    [TestCase("a.example", "A.Example.", false, TestName = "hosts that differ by case and a dot")]
    [TestCase("a.example", "b.example", true, TestName = "two hosts")]
    [TestCase("a.example", "*.example", true, TestName = "a host and a suffix")]
    public void Routes_with_the_same_host_and_path_are_refused(string first, string second, bool isValid)
    {
        LoadBalancerOptions options = Valid.Options with
        {
            Routes = [new RouteOptions { Host = first }, new RouteOptions { Host = second }],
        };

        Assert.That(string.Join(",", PathsOf(options)), Is.EqualTo(isValid ? "" : "routes[1]"));
    }

    [TestCase("127.0.0.1:8080", "127.0.0.1:8080")]
    [TestCase("0.0.0.0:8080", "127.0.0.1:8080")]
    public void A_backend_is_not_where_the_engine_listens(string listener, string backend)
    {
        LoadBalancerOptions options = Valid.With(new BackendOptions { Address = IPEndPoint.Parse(backend) }) with
        {
            Listeners = [Valid.Listener with { Address = IPEndPoint.Parse(listener) }],
        };

        Assert.That(PathsOf(options), Is.EqualTo(["groups[0].backends[0].address"]));
    }

    private static IEnumerable<string> PathsOf(LoadBalancerOptions options) => options.Validate().Select(e => e.Path);
}
