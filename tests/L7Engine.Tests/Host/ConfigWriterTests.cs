using System.Collections;
using System.Net;
using System.Reflection;
using System.Text.Json;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class ConfigWriterTests
{
    private const string Key = "AAAAAAAAAAAAAAAAAAAAAA==";
    private static readonly string HiddenKey = new AffinityOptions { Key = Key }.HiddenKey()!;

    [Test]
    public void A_key_is_not_printed_but_two_can_be_compared()
    {
        Assert.That(ConfigFileTests.Printed(Unusual), Does.Not.Contain(Key));
        Assert.That(HiddenKey, Does.Match("^hidden:[0-9a-f]{8}$"));
        Assert.That(Unusual.ToString() + Unusual.Groups[0] + Unusual.Groups[0].Affinity, Does.Not.Contain(Key));
        Assert.That(new AffinityOptions { Key = "BBBBBBBBBBBBBBBBBBBBBB==" }.HiddenKey(), Is.Not.EqualTo(HiddenKey));
    }

    [Test]
    public void Defaults_are_read_back_as_they_were_written()
    {
        AssertReadBack(Valid.Options);
    }

    // Each value differs from its default, so a member that reader or writer forgot would show.
    [Test]
    public void Every_setting_is_read_back_as_it_was_written()
    {
        AssertReadBack(Unusual);
    }

    // Both sides could forget the same member: the records themselves say what there is.
    [Test]
    public void Every_setting_of_the_records_has_its_key()
    {
        using JsonDocument printed = JsonDocument.Parse(ConfigFileTests.Printed(Unusual));

        Assert.That(MissingKeys(Unusual, printed.RootElement, ""), Is.Empty);
    }

    [Test]
    public void Every_setting_of_the_unusual_options_differs_from_its_default()
    {
        LoadBalancerOptions usual = Valid.Options with { Routes = [new RouteOptions()] };
        using JsonDocument a = JsonDocument.Parse(ConfigFileTests.Printed(Unusual));
        using JsonDocument b = JsonDocument.Parse(ConfigFileTests.Printed(usual));

        Assert.That(SameLeaves(a.RootElement, b.RootElement, ""), Is.Empty);
    }

    private static LoadBalancerOptions Unusual => new()
    {
        Loops = 3,
        Listeners =
        [
            new ListenerOptions
            {
                Name = "we\"b\u202e",
                Address = IPEndPoint.Parse("[::1]:0"),
                KeepAlive = new KeepAliveOptions
                {
                    Enabled = false,
                    IdleTimeout = TimeSpan.FromMilliseconds(2_500),
                    MaxRequests = 7,
                    MaxAge = TimeSpan.Zero,
                    AnnounceConnection = false,
                    AnnounceTimeout = true,
                    AnnounceRequests = true,
                    ExploreShare = 0.25,
                    MaxAgeJitter = 0.25,
                },
                SlowClients = new SlowClientOptions
                {
                    RequestHead = TimeSpan.FromSeconds(3),
                    RequestBodyGap = TimeSpan.FromSeconds(4),
                    ResponseSendGap = TimeSpan.FromSeconds(5),
                    MinimumRateBytes = 6,
                    MinimumRateGrace = TimeSpan.FromMilliseconds(7_500),
                    MaxUnsentBytes = 8_192,
                },
                ClientCaps = new ClientCapsOptions
                {
                    Persistent = 4,
                    Connections = 8,
                    Refusal = CapRefusal.TooManyRequests,
                    IPv6PrefixLength = 56,
                },
                TcpKeepAlive = UnusualProbes,
                Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append },
                TrustedProxies = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")],
                ProxyProtocol = true,
                Via = null,
                UpgradeProtocols = ["a", "b"],
                AbortOnClientClose = true,
                Backlog = 5,
                SharePort = true,
            },
        ],
        Routes =
        [
            new RouteOptions
            {
                Host = "*.x",
                Path = "/a%2Fb",
                Group = "g",
                RequestTrailers = true,
                IdempotencyKey = true,
                RetryOnTimeout = true,
                RetryOnMalformed = true,
                KeepAlive = new RouteKeepAliveOptions { Enabled = false, IdleTimeout = TimeSpan.FromSeconds(9) },
                Timeouts = new RouteTimeoutOptions
                {
                    RequestBodyGap = TimeSpan.FromSeconds(10),
                    BackendSendGap = TimeSpan.FromSeconds(11),
                    BackendResponse = TimeSpan.FromSeconds(12),
                    BackendBodyGap = TimeSpan.FromSeconds(13),
                    TunnelIdle = TimeSpan.FromSeconds(14),
                },
            },
        ],
        Groups =
        [
            new BackendGroupOptions
            {
                Name = "g",
                Policy = BalancingPolicy.ConsistentHash,
                Hash = new HashOptions { On = HashInput.Header, Header = "x-user", BoundedLoad = 1.5 },
                Affinity = new AffinityOptions
                {
                    Enabled = true,
                    Cookie = "c",
                    Key = Key,
                    MaxAge = TimeSpan.FromSeconds(10),
                    SameSite = AffinitySameSite.None,
                    Secure = AffinitySecure.Always,
                },
                Backends =
                [
                    new BackendOptions
                    {
                        Address = IPEndPoint.Parse("[fd00::1]:1"),
                        Weight = 0,
                        MaxConnections = 77,
                        Authority = "a:1",
                    },
                    new BackendOptions { Address = new DnsEndPoint("App.example", 2), Weight = 3 },
                ],
                Queue = new QueueOptions { MaxWaiting = 5, Timeout = TimeSpan.FromSeconds(6) },
                Names = new NameOptions
                {
                    Interval = TimeSpan.FromSeconds(11),
                    Timeout = TimeSpan.FromSeconds(12),
                    Addresses = NameAddresses.OnlyIPv6,
                    MaxAddresses = 13,
                },
                Pool = new PoolOptions
                {
                    Enabled = false,
                    IdleTimeout = TimeSpan.FromMinutes(90),
                    MaxIdle = 1,
                    MaxAge = TimeSpan.FromDays(2),
                    LearnIdleTimeout = false,
                    NonIdempotentReuse = TimeSpan.FromMilliseconds(70),
                    MaxRequests = 7,
                    MaxAgeJitter = 0.5,
                    TcpKeepAlive = UnusualProbes,
                },
                Retries = new RetryOptions { BudgetShare = 0.5, BudgetMinimum = 0 },
                Health = new HealthCheckOptions
                {
                    Path = "/healthz?a",
                    Method = HealthCheckMethod.Head,
                    Host = "b:2",
                    Expect = ["204", "4xx"],
                    Interval = TimeSpan.FromSeconds(6),
                    Timeout = TimeSpan.FromSeconds(3),
                    Rise = 4,
                    Fall = 5,
                    Jitter = 0.5,
                },
                Ejection = new EjectionOptions
                {
                    Enabled = false,
                    ConsecutiveFailures = 6,
                    FailureRate = 0.75,
                    Window = TimeSpan.FromSeconds(11),
                    MinimumRequests = 21,
                    Statuses = [500, 503],
                    BaseTime = TimeSpan.FromSeconds(9),
                    MaxTime = TimeSpan.FromMinutes(4),
                    MaxShare = 0.25,
                },
                SlowStart = TimeSpan.FromSeconds(30),
            },
        ],
        Limits = Changed(new Limits(), n => n == 0 ? 2_048 : n / 2) with { MaxBufferBytes = 8 * 1_024 * 1_024 },
        Timeouts = Changed(new Timeouts(), t => (t / 2) + TimeSpan.FromMilliseconds(100)),
    };

    private static TcpKeepAliveOptions UnusualProbes => new()
    {
        Enabled = false,
        Time = TimeSpan.FromSeconds(61),
        Interval = TimeSpan.FromSeconds(1),
        Probes = 1,
        UserTimeout = TimeSpan.FromMilliseconds(1_500),
    };

    private static Limits Changed(Limits limits, Func<long, long> change)
    {
        foreach (PropertyInfo member in typeof(Limits).GetProperties().Where(p => p.CanWrite))
        {
            long value = change(Convert.ToInt64(member.GetValue(limits), null));
            member.SetValue(limits, Convert.ChangeType(value, member.PropertyType, null));
        }

        return limits;
    }

    private static Timeouts Changed(Timeouts timeouts, Func<TimeSpan, TimeSpan> change)
    {
        foreach (PropertyInfo member in typeof(Timeouts).GetProperties().Where(p => p.CanWrite))
        {
            member.SetValue(timeouts, change((TimeSpan)member.GetValue(timeouts)!));
        }

        return timeouts;
    }

    private static void AssertReadBack(LoadBalancerOptions options)
    {
        string printed = ConfigFileTests.Printed(options);

        // The key is not printed. Who runs what was printed has to put it in again.
        string completed = printed.Replace(HiddenKey, Key, StringComparison.Ordinal);
        LoadBalancerOptions? read = ConfigFileTests.Parse(completed, out IReadOnlyList<string> lines);

        Assert.That(lines, Is.Empty);
        Assert.That(ConfigFileTests.Printed(read!), Is.EqualTo(printed));
    }

    private static IEnumerable<string> MissingKeys(object options, JsonElement json, string path)
    {
        // Code has no place in a file.
        foreach (PropertyInfo member in options.GetType().GetProperties()
            .Where(m => !m.PropertyType.IsAssignableTo(typeof(Delegate))))
        {
            string name = member.Name.EndsWith("Bytes", StringComparison.Ordinal) ? member.Name[..^5] : member.Name;
            string key = JsonNamingPolicy.CamelCase.ConvertName(name.Replace("IPv6", "Ipv6", StringComparison.Ordinal));
            if (!json.TryGetProperty(key, out JsonElement child))
            {
                yield return $"{path}.{key}";
            }
            else if (member.GetValue(options) is object value)
            {
                foreach (string missing in MissingBelow(value, child, $"{path}.{key}"))
                {
                    yield return missing;
                }
            }
        }
    }

    private static IEnumerable<string> MissingBelow(object value, JsonElement json, string path) => value switch
    {
        IEnumerable items when json.ValueKind == JsonValueKind.Array => items.Cast<object>()
            .SelectMany((item, i) => MissingBelow(item, json[i], $"{path}[{i}]")),
        _ when json.ValueKind == JsonValueKind.Object => MissingKeys(value, json, path),
        _ => [],
    };

    private static IEnumerable<string> SameLeaves(JsonElement a, JsonElement b, string path) => a.ValueKind switch
    {
        JsonValueKind.Object when b.ValueKind == JsonValueKind.Object => a.EnumerateObject()
            .SelectMany(m => SameLeaves(m.Value, b.GetProperty(m.Name), $"{path}.{m.Name}")),
        JsonValueKind.Array when b.ValueKind == JsonValueKind.Array => a.EnumerateArray().Zip(b.EnumerateArray())
            .SelectMany((pair, i) => SameLeaves(pair.First, pair.Second, $"{path}[{i}]")),
        _ => JsonElement.DeepEquals(a, b) ? [path] : [],
    };
}
