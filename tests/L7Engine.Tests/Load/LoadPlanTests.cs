using System.Net;
using L7Engine.Load.Traffic;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class LoadPlanTests
{
    private static readonly LoadPlan Plan = new() { Target = IPEndPoint.Parse("127.0.0.1:9") };

    private static readonly (string Name, LoadPlan Plan)[] Wrong =
    [
        ("Connections", Plan with { Connections = 0 }),
        ("Threads", Plan with { Threads = 0 }),
        ("Threads", Plan with { Threads = Plan.Connections + 1 }),
        ("RequestsPerConnection", Plan with { RequestsPerConnection = -1 }),
        ("RatePerSecond", Plan with { RatePerSecond = -1 }),
        ("RatePerSecond", Plan with { RatePerSecond = double.NaN }),
        ("RatePerSecond", Plan with { RatePerSecond = double.PositiveInfinity }),
        ("Duration", Plan with { Duration = TimeSpan.Zero }),
        ("Duration", Plan with { Duration = TimeSpan.MaxValue }),
        ("WarmUp", Plan with { WarmUp = TimeSpan.FromTicks(-1) }),
        ("Timeout", Plan with { Timeout = Timeout.InfiniteTimeSpan }),
        ("Timeout", Plan with { Timeout = TimeSpan.MaxValue }),
        ("Sources", Plan with { Sources = [IPAddress.Loopback, IPAddress.IPv6Loopback] }),
        ("Mix", Plan with { Mix = [] }),
        ("Weight", Plan with { Mix = [new RequestKind(), new RequestKind { Weight = 0 }] }),
        ("BodyBytes", Plan with { Mix = [new RequestKind { BodyBytes = -1 }] }),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void A_plan_that_cannot_be_carried_out_is_refused_by_the_name_of_what_is_wrong((string Name, LoadPlan Plan) wrong)
    {
        Assert.That(
            wrong.Plan.Check,
            Throws.InstanceOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(wrong.Name));
    }

    [Test]
    public void Everything_at_the_end_of_its_range_can_be_carried_out()
    {
        LoadPlan extreme = Plan with
        {
            Connections = 1,
            RatePerSecond = 10_000_000,
            Duration = TimeSpan.FromDays(365),
            WarmUp = TimeSpan.Zero,
            Timeout = TimeSpan.FromTicks(1),
            Sources = [IPAddress.Parse("127.0.0.2")],
        };

        Assert.That(extreme.Check, Throws.Nothing);
        Assert.That(Plan.Check, Throws.Nothing);
    }
}
