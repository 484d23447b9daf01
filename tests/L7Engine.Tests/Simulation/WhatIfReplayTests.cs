using System.Globalization;
using L7Engine.Host.Text;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>The what-if curve of one timeout against the same traffic replayed under each of the others.</summary>
/// <remarks>L7_WHATIF_SEEDS=n plays n seeds of each traffic.</remarks>
[TestFixture]
internal sealed class WhatIfReplayTests
{
    private const int LeastGaps = 10_000;
    private const int Clients = 300;
    private const double ShareWithin = 0.05;
    private const double OpenWithin = 0.05;

    // Just before a halving of the counts, when they hold most.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2_390);

    private static readonly KeepAliveOptions Recorded = new() { IdleTimeout = TimeSpan.FromSeconds(300) };

    private static IEnumerable<GapTraffic> Traffics => GapTraffic.All;

    private static GapTraffic Mixed => GapTraffic.All[^1];

    private static int Seeds => Environment.GetEnvironmentVariable("L7_WHATIF_SEEDS") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : 1;

    [TestCaseSource(nameof(Traffics))]
    public void The_curve_says_what_a_replay_at_each_timeout_shows(GapTraffic traffic)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            GapReplay recorded = Play(traffic, seed, Recorded);
            Show(recorded.Curve, seed);
            Assert.That(recorded.Curve.Gaps, Is.GreaterThanOrEqualTo(LeastGaps));
            foreach (WhatIfPoint point in recorded.Curve.Points)
            {
                GapReplay truth = point.IdleTimeout == Recorded.IdleTimeout ? recorded : PlayAt(traffic, seed, point);
                string what = Show(point, truth, seed);
                Assert.That(point.ShareHigh, Is.EqualTo(point.ShareLow).Within(0.001), what);
                AssertIsWithin(point, truth, what);
            }
        }
    }

    [Test]
    public void What_the_timeout_in_force_hides_is_a_range_that_contains_the_truth()
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            WhatIfCurve curve = Play(Mixed, seed, new KeepAliveOptions()).Curve;
            Show(curve, seed);
            foreach (WhatIfPoint point in curve.Points.Where(p => p.IdleTimeout > curve.IdleTimeout))
            {
                GapReplay truth = PlayAt(Mixed, seed, point);
                string what = Show(point, truth, seed);
                Assert.That(point.ShareHigh, Is.GreaterThan(point.ShareLow + 0.01), what);
                AssertIsWithin(point, truth, what);
            }
        }
    }

    [Test]
    public void What_some_connections_explore_is_true_of_all()
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var explored = new KeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(5), ExploreShare = 0.2 };
            WhatIfCurve curve = Play(Mixed, seed, explored).Curve;
            Show(curve, seed);
            foreach (WhatIfPoint point in curve.Points.Where(p => p.IdleTimeout > curve.IdleTimeout))
            {
                GapReplay truth = PlayAt(Mixed, seed, point);
                string what = Show(point, truth, seed);
                Assert.That(point.ShareHigh, Is.EqualTo(point.ShareLow).Within(0.02), what);
                AssertIsWithin(point, truth, what);
            }
        }
    }

    private static void AssertIsWithin(WhatIfPoint point, GapReplay truth, string what)
    {
        Assert.That(truth.Share, Is.InRange(point.ShareLow - ShareWithin, point.ShareHigh + ShareWithin), what);
        Assert.That(truth.Open, Is.InRange(point.OpenLow * (1 - OpenWithin), point.OpenHigh * (1 + OpenWithin)), what);
    }

    private static string Show(WhatIfPoint point, GapReplay truth, int seed)
    {
        string what = string.Create(CultureInfo.InvariantCulture,
            $"seed {seed}, {point.IdleTimeout.TotalSeconds} s: " +
            $"share {point.ShareLow:0.0000} to {point.ShareHigh:0.0000}, truly {truth.Share:0.0000}; " +
            $"open {point.OpenLow:0.00} to {point.OpenHigh:0.00}, truly {truth.Open:0.00}");
        TestContext.Out.WriteLine(what);
        return what;
    }

    private static void Show(WhatIfCurve curve, int seed) =>
        TestContext.Out.WriteLine($"seed {seed}\n{string.Join('\n', WhatIfText.Lines(curve))}");

    private static GapReplay PlayAt(GapTraffic traffic, int seed, WhatIfPoint point) =>
        Play(traffic, seed, Recorded with { IdleTimeout = point.IdleTimeout });

    private static GapReplay Play(GapTraffic traffic, int seed, KeepAliveOptions keepAlive) =>
        GapReplay.Run(traffic, seed, Clients, Duration, keepAlive);
}
