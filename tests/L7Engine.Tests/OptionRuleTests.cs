using System.Net;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>The rules of single options, at their limits.</summary>
[TestFixture]
internal sealed class OptionRuleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private static IEnumerable<TestCaseData> BrokenRules() =>
    [
        Broken("listeners[0].keepAlive.idleTimeout", Valid.With(new KeepAliveOptions { IdleTimeout = Tick - Instant })),
        Broken("listeners[0].keepAlive.idleTimeout", Valid.With(new KeepAliveOptions { IdleTimeout = -Instant })),
        Broken("listeners[0].keepAlive.maxAge", Valid.With(new KeepAliveOptions { MaxAge = TimeSpan.FromDays(366) })),
        Broken("listeners[0].keepAlive.announceTimeout", Valid.With(
            new KeepAliveOptions { AnnounceTimeout = true, IdleTimeout = TimeSpan.FromSeconds(2) - Instant })),
        Broken("listeners[0].tcpKeepAlive.time", Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { Time = TimeSpan.FromMilliseconds(1_500) },
        })),
        Broken("listeners[0].tcpKeepAlive.interval", Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { Interval = TimeSpan.FromSeconds(32_768) },
        })),
        Broken("listeners[0].tcpKeepAlive.probes", Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { Probes = 128 },
        })),
        Broken("listeners[0].forwarded.mode", Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
        })),
        Broken("listeners[0].forwarded.mode", Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = (ForwardedFields)9 },
        })),
        Broken("listeners[0].via", Valid.With(Valid.Listener with { Via = "two words" })),
        Broken("listeners[0].via", Valid.With(Valid.Listener with { Via = "" })),
        Broken("listeners[0].upgradeProtocols[1]", Valid.With(
            Valid.Listener with { UpgradeProtocols = ["websocket", "web socket"] })),
        Broken("listeners[0].upgradeProtocols[0]", Valid.With(Valid.Listener with { UpgradeProtocols = ["H2C"] })),
        Broken("listeners[0].backlog", Valid.With(Valid.Listener with { Backlog = 0 })),
        Broken("groups[0].backends", Valid.With(new BackendGroupOptions())),
        Broken("groups[0].backends[1].address", Valid.With(
            new BackendGroupOptions { Backends = [Valid.Backend, Valid.Backend] })),
        Broken("groups[0].backends[0].address", Valid.With(
            new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) })),
        Broken("groups[0].backends[0].address", Valid.With(
            new BackendOptions { Address = new IPEndPoint(IPAddress.Any, 80) })),
        Broken("groups[0].backends[0].weight", Valid.With(Valid.Backend with { Weight = 1_001 })),
        Broken("groups[0].backends[0].authority", Valid.With(Valid.Backend with { Authority = "a b" })),
        Broken("groups[0].pool.idleTimeout", Valid.With(new PoolOptions { IdleTimeout = TimeSpan.Zero })),
        Broken("groups[0].pool.maxIdle", Valid.With(new PoolOptions { MaxIdle = 0 })),
        Broken("limits.maxRequestHead", Valid.With(
            new Limits { MaxRequestHeadBytes = 1_023, MaxRequestLineBytes = 1_023 })),
        Broken("limits.maxRequestHead", Valid.With(new Limits { MaxRequestHeadBytes = 1_048_577 })),
        Broken("limits.maxRequestLine", Valid.With(
            new Limits { MaxRequestHeadBytes = 4_096, MaxRequestLineBytes = 4_097 })),
        Broken("limits.maxTunnels", Valid.With(new Limits { MaxClientConnections = 10, MaxTunnels = 11 })),
        Broken("limits.maxRequestBody", Valid.With(new Limits { MaxRequestBodyBytes = -1 })),
        Broken("timeouts.requestHead", Valid.With(new Timeouts { RequestHead = TimeSpan.Zero })),
        Broken("timeouts.backendConnect", Valid.With(
            new Timeouts { BackendConnect = TimeSpan.FromHours(1) + Instant })),
        Broken("timeouts.lingerTotal", Valid.With(
            new Timeouts { Linger = TimeSpan.FromSeconds(3), LingerTotal = TimeSpan.FromSeconds(2) })),
    ];

    private static IEnumerable<LoadBalancerOptions> LastAccepted() =>
    [
        Valid.With(new KeepAliveOptions { IdleTimeout = TimeSpan.Zero, MaxAge = TimeSpan.Zero, MaxRequests = 0 }),
        Valid.With(new KeepAliveOptions { IdleTimeout = Tick }),
        Valid.With(new KeepAliveOptions { AnnounceTimeout = true, IdleTimeout = TimeSpan.FromSeconds(2) }),
        Valid.With(Valid.Listener with { Via = null, UpgradeProtocols = [], Backlog = 65_535 }),
        Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
            TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")],
        }),
        Valid.With(Valid.Backend with { Weight = 0, Authority = "app.example:8080" }),
        Valid.With(new Limits { MaxRequestHeadBytes = 1_024, MaxRequestLineBytes = 1_024, MaxReplayBytes = 0 }),
        Valid.With(new Limits { MaxRequestHeadBytes = 1_048_576, MaxRequestBodyBytes = long.MaxValue }),
        Valid.With(new Timeouts { Drain = TimeSpan.Zero, BackendCloseWait = TimeSpan.Zero, RequestHead = Tick }),
        Valid.Options with { Loops = 1_024 },
    ];

    [TestCaseSource(nameof(BrokenRules))]
    public void A_broken_rule_is_reported_alone_and_at_its_path(string path, LoadBalancerOptions options)
    {
        Assert.That(options.Validate().Select(e => e.Path), Is.EqualTo([path]));
    }

    [TestCaseSource(nameof(LastAccepted))]
    public void What_is_just_within_the_rules_is_valid(LoadBalancerOptions options)
    {
        Assert.That(options.Validate(), Is.Empty);
    }

    [TestCase("*", true)]
    [TestCase("a.example", true)]
    [TestCase("a.example.", true)]
    [TestCase("*.example", true)]
    [TestCase("127.0.0.1", true)]
    [TestCase("[::1]", true)]
    [TestCase("", false)]
    [TestCase("*.", false)]
    [TestCase("*example", false)]
    [TestCase("a.*.example", false)]
    [TestCase("a..example", false)]
    [TestCase("a.example:80", false)]
    [TestCase("[127.0.0.1]", false)]
    [TestCase("[[::1]:80]", false)]
    [TestCase("[fe80::1%1]", false)]
    [TestCase("ä.example", false)]
    public void A_host_is_a_name_an_address_a_suffix_or_any(string host, bool isValid)
    {
        Assert.That(Valid.With(new RouteOptions { Host = host }).Validate(), Has.Count.EqualTo(isValid ? 0 : 1));
    }

    [TestCase("/", true)]
    [TestCase("/api", true)]
    [TestCase("/api/v1.2/~a", true)]
    [TestCase("/a%2Fb", true)]
    [TestCase("/100%", true)]
    [TestCase("", false)]
    [TestCase("api", false)]
    [TestCase("/api/", false)]
    [TestCase("//", false)]
    [TestCase("/a//b", false)]
    [TestCase("/a/./b", false)]
    [TestCase("/a/..", false)]
    [TestCase("/a?b", false)]
    [TestCase("/a#b", false)]
    [TestCase("/a b", false)]
    [TestCase("/%61", false)]
    public void A_path_is_in_the_form_that_requests_are_matched_in(string path, bool isValid)
    {
        Assert.That(Valid.With(new RouteOptions { Path = path }).Validate(), Has.Count.EqualTo(isValid ? 0 : 1));
    }

    [TestCase(75_000, "75s")]
    [TestCase(90_000_000, "25h")]
    [TestCase(86_400_000 * 2.0, "2d")]
    [TestCase(250, "250ms")]
    public void An_error_names_durations_as_people_write_them(double milliseconds, string written)
    {
        var timeouts = new Timeouts { BackendConnect = -TimeSpan.FromMilliseconds(milliseconds) };

        Assert.That(Valid.With(timeouts).Validate().Single().Message,
            Is.EqualTo($"is -{written}; it must be 100ms to 1h"));
    }

    private static TestCaseData Broken(string path, LoadBalancerOptions options) => new(path, options);
}
