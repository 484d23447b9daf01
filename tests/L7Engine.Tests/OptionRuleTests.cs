using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace L7Engine.Tests;

/// <summary>The rules of single options, at their limits.</summary>
[TestFixture]
internal sealed class OptionRuleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    // At the defaults: 2 h and nine times 75 s.
    private static readonly TimeSpan LastProbe = TimeSpan.FromSeconds(7_875);

    private static IEnumerable<TestCaseData> BrokenRules() =>
    [
        Broken("listeners[0].keepAlive.idleTimeout", Valid.With(new KeepAliveOptions { IdleTimeout = Tick - Instant })),
        Broken("listeners[0].keepAlive.idleTimeout", Valid.With(new KeepAliveOptions { IdleTimeout = -Instant })),
        Broken("listeners[0].keepAlive.maxAge", Valid.With(new KeepAliveOptions { MaxAge = TimeSpan.FromDays(366) })),
        Broken("listeners[0].keepAlive.announceTimeout", Valid.With(
            new KeepAliveOptions { AnnounceTimeout = true, IdleTimeout = TimeSpan.FromSeconds(2) - Instant })),
        Broken("listeners[0].keepAlive.exploreShare", Valid.With(new KeepAliveOptions { ExploreShare = 1.01 })),
        Broken("listeners[0].keepAlive.exploreShare", Valid.With(new KeepAliveOptions { ExploreShare = double.NaN })),
        Broken("listeners[0].keepAlive.maxAgeJitter", Valid.With(new KeepAliveOptions { MaxAgeJitter = 1.01 })),
        Broken("listeners[0].keepAlive.announceRequests", Valid.With(
            new KeepAliveOptions { AnnounceRequests = true, MaxRequests = 0 })),
        Broken("listeners[0].slowClients.requestHead", Valid.With(
            new SlowClientOptions { RequestHead = TimeSpan.Zero })),
        Broken("listeners[0].slowClients.requestBodyGap", Valid.With(
            new SlowClientOptions { RequestBodyGap = TimeSpan.FromDays(1) + Instant })),
        Broken("listeners[0].slowClients.responseSendGap", Valid.With(
            new SlowClientOptions { ResponseSendGap = Tick - Instant })),
        Broken("listeners[0].slowClients.minimumRate", Valid.With(new SlowClientOptions { MinimumRateBytes = -1 })),
        Broken("listeners[0].slowClients.minimumRateGrace", Valid.With(
            new SlowClientOptions { MinimumRateGrace = TimeSpan.Zero })),
        Broken("listeners[0].slowClients.maxUnsent", Valid.With(new SlowClientOptions { MaxUnsentBytes = 4_095 })),
        Broken("routes[0].keepAlive.idleTimeout", Valid.With(new RouteOptions
        {
            KeepAlive = new RouteKeepAliveOptions { IdleTimeout = Tick - Instant },
        })),
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
        Broken("listeners[0].tcpKeepAlive.userTimeout", Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { UserTimeout = LastProbe },
        })),
        Broken("listeners[0].tcpKeepAlive.userTimeout", Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { Enabled = false, UserTimeout = TimeSpan.FromMilliseconds(999) },
        })),
        Broken("groups[0].pool.tcpKeepAlive.userTimeout", Valid.With(
            new PoolOptions { TcpKeepAlive = new TcpKeepAliveOptions { UserTimeout = TimeSpan.FromDays(25) } })),
        Broken("listeners[0].forwarded.mode", Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
        })),
        Broken("listeners[0].forwarded.mode", Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = (ForwardedFields)9 },
        })),
        Broken("groups[0].health.path", Valid.With(new HealthCheckOptions { Path = "healthz" })),
        Broken("groups[0].health.path", Valid.With(new HealthCheckOptions { Path = "/a b" })),
        Broken("groups[0].health.path", Valid.With(new HealthCheckOptions { Path = "/a#b" })),
        Broken("groups[0].health.method", Valid.With(new HealthCheckOptions { Method = (HealthCheckMethod)2 })),
        Broken("groups[0].health.host", Valid.With(new HealthCheckOptions { Host = "a b" })),
        Broken("groups[0].health.expect", Valid.With(new HealthCheckOptions { Expect = [] })),
        Broken("groups[0].health.expect[1]", Valid.With(new HealthCheckOptions { Expect = ["200", "1xx"] })),
        Broken("groups[0].health.expect[0]", Valid.With(new HealthCheckOptions { Expect = ["600"] })),
        Broken("groups[0].health.interval", Valid.With(new HealthCheckOptions { Interval = Tick - Instant })),
        Broken("groups[0].health.timeout", Valid.With(new HealthCheckOptions { Timeout = TimeSpan.Zero })),
        Broken("groups[0].health.rise", Valid.With(new HealthCheckOptions { Rise = 0 })),
        Broken("groups[0].health.fall", Valid.With(new HealthCheckOptions { Fall = 101 })),
        Broken("groups[0].health.jitter", Valid.With(new HealthCheckOptions { Jitter = 1.1 })),
        Broken("groups[0].ejection.consecutiveFailures", Valid.With(new EjectionOptions { ConsecutiveFailures = -1 })),
        Broken("groups[0].ejection.failureRate", Valid.With(new EjectionOptions { FailureRate = 1.1 })),
        Broken("groups[0].ejection.window", Valid.With(new EjectionOptions { Window = TimeSpan.Zero })),
        Broken("groups[0].ejection.minimumRequests", Valid.With(new EjectionOptions { MinimumRequests = 0 })),
        Broken("groups[0].ejection.statuses[1]", Valid.With(new EjectionOptions { Statuses = [500, 399] })),
        Broken("groups[0].ejection.baseTime", Valid.With(new EjectionOptions { BaseTime = TimeSpan.FromMinutes(6) })),
        Broken("groups[0].ejection.maxTime", Valid.With(new EjectionOptions { MaxTime = TimeSpan.FromDays(2) })),
        Broken("groups[0].ejection.maxShare", Valid.With(new EjectionOptions { MaxShare = -0.1 })),
        Broken("groups[0].slowStart", Valid.With(Valid.Group with { SlowStart = Instant })),
        Broken("listeners[0].clientCaps.persistent", Valid.With(new ClientCapsOptions { Persistent = -1 })),
        Broken("listeners[0].clientCaps.connections", Valid.With(new ClientCapsOptions { Connections = 1_000_001 })),
        Broken("listeners[0].clientCaps.refusal", Valid.With(new ClientCapsOptions { Refusal = (CapRefusal)2 })),
        Broken("listeners[0].clientCaps.ipv6PrefixLength", Valid.With(new ClientCapsOptions { IPv6PrefixLength = 47 })),
        Broken("listeners[0].clientCaps.ipv6PrefixLength", Valid.With(new ClientCapsOptions { IPv6PrefixLength = 65 })),
        Broken("listeners[0].proxyProtocol", Valid.With(Valid.Listener with { ProxyProtocol = true })),
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
        Broken("groups[0].backends[0].address", Valid.With(
            new BackendOptions { Address = new DnsEndPoint("app.example", 0) })),
        Broken("groups[0].backends[0].address", Valid.With(
            new BackendOptions { Address = new DnsEndPoint("app.example", 80, AddressFamily.InterNetwork) })),
        Broken("groups[0].backends[1].address", Valid.With(new BackendGroupOptions
        {
            Backends =
            [
                new BackendOptions { Address = new DnsEndPoint("app.example", 80) },
                new BackendOptions { Address = new DnsEndPoint("APP.example", 80) },
            ],
        })),
        Broken("groups[0].names.interval", Valid.With(new NameOptions { Interval = TimeSpan.FromSeconds(1) - Instant })),
        Broken("groups[0].names.interval", Valid.With(new NameOptions { Interval = TimeSpan.FromDays(1) + Instant })),
        Broken("groups[0].names.timeout", Valid.With(new NameOptions { Timeout = Tick - Instant })),
        Broken("groups[0].names.timeout", Valid.With(new NameOptions { Timeout = TimeSpan.FromMinutes(1) + Instant })),
        Broken("groups[0].names.addresses", Valid.With(new NameOptions { Addresses = (NameAddresses)3 })),
        Broken("groups[0].names.maxAddresses", Valid.With(new NameOptions { MaxAddresses = 0 })),
        Broken("groups[0].names.maxAddresses", Valid.With(new NameOptions { MaxAddresses = 1_025 })),
        Broken("groups[0].backends[0].weight", Valid.With(Valid.Backend with { Weight = 1_001 })),
        Broken("groups[0].backends[0].authority", Valid.With(Valid.Backend with { Authority = "a b" })),
        Broken("groups[0].policy", Valid.With(Valid.Group with { Policy = (BalancingPolicy)9 })),
        Broken("groups[0].hash.on", Valid.With(new HashOptions { On = (HashInput)9 })),
        Broken("groups[0].hash.header", Valid.With(new HashOptions { On = HashInput.Header })),
        Broken("groups[0].hash.header", Valid.With(new HashOptions { On = HashInput.Header, Header = "a b" })),
        Broken("groups[0].hash.header", Valid.With(new HashOptions { Header = "a" })),
        Broken("groups[0].hash.boundedLoad", Valid.With(new HashOptions { BoundedLoad = 0.99 })),
        Broken("groups[0].hash.boundedLoad", Valid.With(new HashOptions { BoundedLoad = 100.01 })),
        Broken("groups[0].hash.boundedLoad", Valid.With(new HashOptions { BoundedLoad = double.NaN })),
        Broken("groups[0].affinity.key", Valid.With(new AffinityOptions { Enabled = true })),
        Broken("groups[0].affinity.key", Valid.With(new AffinityOptions { Key = "AAAAAAAAAAAAAAAAAAAA" })),
        Broken("groups[0].affinity.key", Valid.With(new AffinityOptions { Key = "hidden:01234567" })),
        Broken("groups[0].affinity.cookie", Valid.With(new AffinityOptions { Cookie = "a=b" })),
        Broken("groups[0].affinity.maxAge", Valid.With(new AffinityOptions { MaxAge = TimeSpan.FromSeconds(9) })),
        Broken("groups[0].affinity.maxAge", Valid.With(
            new AffinityOptions { MaxAge = TimeSpan.FromMilliseconds(10_500) })),
        Broken("groups[0].affinity.sameSite", Valid.With(new AffinityOptions { SameSite = (AffinitySameSite)9 })),
        Broken("groups[0].affinity.secure", Valid.With(new AffinityOptions { Secure = (AffinitySecure)9 })),
        Broken("groups[0].affinity.secure", Valid.With(new AffinityOptions { SameSite = AffinitySameSite.None })),
        Broken("groups[0].pool.idleTimeout", Valid.With(new PoolOptions { IdleTimeout = TimeSpan.Zero })),
        Broken("groups[0].pool.maxIdle", Valid.With(new PoolOptions { MaxIdle = 0 })),
        Broken("groups[0].pool.nonIdempotentReuse", Valid.With(
            new PoolOptions { NonIdempotentReuse = TimeSpan.FromDays(1) + TimeSpan.FromMilliseconds(1) })),
        Broken("groups[0].pool.nonIdempotentReuse", Valid.With(
            new PoolOptions { NonIdempotentReuse = TimeSpan.FromMilliseconds(-1) })),
        Broken("groups[0].queue.maxWaiting", Valid.With(new QueueOptions { MaxWaiting = -1 })),
        Broken("groups[0].queue.timeout", Valid.With(new QueueOptions { Timeout = TimeSpan.Zero })),
        Broken("groups[0].queue.timeout", Valid.With(new QueueOptions { Timeout = TimeSpan.FromHours(1) + Instant })),
        Broken("routes[0].timeouts.backendResponse", Valid.With(new RouteOptions
        {
            Timeouts = new RouteTimeoutOptions { BackendResponse = TimeSpan.Zero },
        })),
        Broken("routes[0].timeouts.tunnelIdle", Valid.With(new RouteOptions
        {
            Timeouts = new RouteTimeoutOptions { TunnelIdle = TimeSpan.FromDays(365) + Instant },
        })),
        Broken("groups[0].pool.maxRequests", Valid.With(new PoolOptions { MaxRequests = -1 })),
        Broken("groups[0].pool.maxAgeJitter", Valid.With(new PoolOptions { MaxAgeJitter = 1.01 })),
        Broken("groups[0].retries.budgetShare", Valid.With(new RetryOptions { BudgetShare = 1.01 })),
        Broken("groups[0].retries.budgetMinimum", Valid.With(new RetryOptions { BudgetMinimum = 10_001 })),
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
        Valid.With(new KeepAliveOptions { ExploreShare = 1 }),
        Valid.With(new KeepAliveOptions { AnnounceTimeout = true, IdleTimeout = TimeSpan.FromSeconds(2) }),
        Valid.With(new KeepAliveOptions { MaxAgeJitter = 0, AnnounceRequests = true, MaxRequests = 1 }),
        Valid.With(new SlowClientOptions
        {
            RequestHead = Tick,
            RequestBodyGap = Tick,
            ResponseSendGap = Tick,
            MinimumRateBytes = 0,
            MinimumRateGrace = Tick,
            MaxUnsentBytes = 4_096,
        }),
        Valid.With(new RouteOptions
        {
            KeepAlive = new RouteKeepAliveOptions { Enabled = true, IdleTimeout = TimeSpan.Zero },
        }),
        Valid.With(Valid.Listener with { Via = null, UpgradeProtocols = [], Backlog = 65_535 }),
        Valid.With(Valid.Listener with
        {
            Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
            TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")],
        }),
        Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { UserTimeout = LastProbe + TimeSpan.FromMilliseconds(1) },
        }),
        Valid.With(Valid.Listener with
        {
            TcpKeepAlive = new TcpKeepAliveOptions { Enabled = false, UserTimeout = TimeSpan.FromSeconds(1) },
        }),
        Valid.With(new ClientCapsOptions { Persistent = 1_000_000, Connections = 1, IPv6PrefixLength = 48 }),
        Valid.With(Valid.Listener with { ProxyProtocol = true, TrustedProxies = [IPNetwork.Parse("10.0.0.1/32")] }),
        Valid.With(new NameOptions { Interval = TimeSpan.FromDays(1), Timeout = Tick, MaxAddresses = 1_024 }),
        Valid.With(new BackendGroupOptions
        {
            Backends =
            [
                new BackendOptions { Address = new DnsEndPoint("app.example", 80) },
                new BackendOptions { Address = new DnsEndPoint("app.example", 81) },
            ],
        }),
        Valid.With(Valid.Backend with { Weight = 0, Authority = "app.example:8080" }),
        Valid.With(new HashOptions { On = HashInput.Header, Header = "x-user", BoundedLoad = 1 }),
        Valid.With(new HashOptions { BoundedLoad = 0 }),
        Valid.With(new RetryOptions { BudgetShare = 0, BudgetMinimum = 0 }),
        Valid.With(new RetryOptions { BudgetShare = 1, BudgetMinimum = 10_000 }),
        Valid.With(new AffinityOptions
        {
            Enabled = true,
            Key = "AAAAAAAAAAAAAAAAAAAAAA==",
            MaxAge = TimeSpan.FromSeconds(10),
        }),
        Valid.With(new Limits { MaxRequestHeadBytes = 1_024, MaxRequestLineBytes = 1_024, MaxReplayBytes = 0 }),
        Valid.With(new Limits { MaxRequestHeadBytes = 1_048_576, MaxRequestBodyBytes = long.MaxValue }),
        Valid.With(new Timeouts { Drain = TimeSpan.Zero, BackendCloseWait = TimeSpan.Zero, RequestHead = Tick }),
        Valid.With(new QueueOptions { MaxWaiting = 0, Timeout = Tick }),
        Valid.With(new RouteOptions
        {
            Timeouts = new RouteTimeoutOptions { BackendBodyGap = TimeSpan.FromDays(1), TunnelIdle = TimeSpan.FromDays(365) },
        }),
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

    [TestCase("localhost", true)]
    [TestCase("app.example", true)]
    [TestCase("app.example.", true)]
    [TestCase("my_app-1.svc.cluster.local", true)]
    [TestCase("1.a", true)]
    [TestCase("xn--bcher-kva.example", true)]
    [TestCase("b\u00fccher.example", false)]
    [TestCase(".", false)]
    [TestCase("a..b", false)]
    [TestCase(".a", false)]
    [TestCase("-a.example", false)]
    [TestCase("a-.example", false)]
    [TestCase("a b", false)]
    [TestCase("a/b", false)]
    [TestCase("*.example", false)]
    [TestCase("127.0.0.1", false)]
    [TestCase("127.0.0.256", false)]
    [TestCase("2130706433", false)]
    [TestCase("0x7f000001", false)]
    [TestCase("a.0x1", false)]
    public void A_backend_has_a_name_that_can_be_resolved_and_is_no_address_with_a_slip(string host, bool isValid)
    {
        var backend = new BackendOptions { Address = new DnsEndPoint(host, 80) };

        Assert.That(Valid.With(backend).Validate(), Has.Count.EqualTo(isValid ? 0 : 1));
    }

    [TestCase(63, 253, true)]
    [TestCase(64, 253, false)]
    [TestCase(63, 254, false)]
    public void A_name_and_each_label_of_it_have_a_greatest_length(int label, int length, bool isValid)
    {
        string name = new string('a', label) + string.Concat(Enumerable.Repeat(".b", 127));
        var backend = new BackendOptions { Address = new DnsEndPoint(name[..(length - 1)] + "c", 80) };

        Assert.That(Valid.With(backend).Validate(), Has.Count.EqualTo(isValid ? 0 : 1));
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

    // Measured on Linux with 2 s, 1 s, 20 probes: with 4 s it ended at 4.06 s.
    [TestCase(2, 1, 20, 4_000, 2, "4s")]
    [TestCase(7_200, 75, 10, 30_000, 1, "7275s")]
    [TestCase(7_200, 75, 10, 7_275_000, 1, "7275s")]
    [TestCase(7_200, 75, 10, 7_275_001, 2, "7350s")]
    public void A_user_timeout_that_makes_the_kernel_ignore_probes_says_so(
        int time, int interval, int probes, int userTimeout, int sent, string end)
    {
        var options = new TcpKeepAliveOptions
        {
            Time = TimeSpan.FromSeconds(time),
            Interval = TimeSpan.FromSeconds(interval),
            Probes = probes,
            UserTimeout = TimeSpan.FromMilliseconds(userTimeout),
        };

        string message = Valid.With(Valid.Listener with { TcpKeepAlive = options }).Validate().Single().Message;

        Assert.That(message, Does.Contain(
            $"would ignore probes ({probes}) and end a silent connection after {sent} unanswered, at {end};"));
        Assert.That(message, Does.Contain($"more than {time + (interval * (probes - 1))}s"));
    }

    private static TestCaseData Broken(string path, LoadBalancerOptions options) => new(path, options);
}
