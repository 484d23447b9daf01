using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class WhatIfEstimateTests
{
    private const int Seeds = 20;
    private const double ObservedMilliseconds = 500_000;

    [Test]
    public void Without_a_gap_every_share_is_possible()
    {
        foreach (WhatIfPoint point in WhatIfEstimate.PointsOf(new GapSums()))
        {
            Assert.That((point.ShareLow, point.ShareHigh, point.Gaps), Is.EqualTo((0, 1, 0)));
        }
    }

    [Test]
    public void The_asked_timeouts_are_answered_in_order()
    {
        Assert.That(
            WhatIfEstimate.PointsOf(new GapSums()).Select(p => p.IdleTimeout.TotalSeconds),
            Is.EqualTo([1, 5, 15, 30, 60, 75, 120, 300]));
    }

    // To call the closes censored would call it 100 %: of those who are left to ask, all ask.
    [Test]
    public void A_client_that_closes_would_not_have_asked()
    {
        var gaps = Enumerable.Range(0, 1_000)
            .Select(i => i % 2 == 0 ? new RawGap(10_000, GapEnd.Request) : new RawGap(5_000, GapEnd.Client));

        WhatIfPoint[] points = WhatIfEstimate.PointsOf(RawGap.Sums(gaps));

        Assert.That(points.Select(p => p.ShareLow), Is.EqualTo([0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]).Within(1e-9));
        Assert.That(points.Select(p => p.ShareHigh), Is.EqualTo(points.Select(p => p.ShareLow)).Within(1e-9));
    }

    [Test]
    public void An_age_of_exactly_the_timeout_is_not_within_it([Values(1_000, 15_000, 75_000)] int timeout)
    {
        var gaps = Enumerable.Range(0, 1_000)
            .Select(i => new RawGap(i % 4 == 0 ? timeout - 1 : timeout, GapEnd.Request));

        WhatIfPoint point = At(timeout, WhatIfEstimate.PointsOf(RawGap.Sums(gaps)));

        Assert.That(point.ShareLow, Is.EqualTo(0.25).Within(1e-9));
    }

    [Test]
    public void Gaps_that_were_all_watched_to_their_end_are_counted_plainly([Range(1, Seeds)] int seed)
    {
        List<RawGap> gaps = Draw(seed, 5_000);

        foreach (WhatIfPoint point in WhatIfEstimate.PointsOf(RawGap.Sums(gaps, ObservedMilliseconds)))
        {
            (double found, double seconds) = PlainWhatIf.Whole(gaps, point.IdleTimeout.TotalMilliseconds);
            AssertIs(point, found, seconds, gaps, shareWithin: 1e-9, $"seed {seed}");
        }
    }

    [Test]
    public void Gaps_that_we_ended_at_any_age_are_counted_as_the_textbook_does([Range(1, Seeds)] int seed)
    {
        var random = new Random(seed);
        List<RawGap> gaps = [.. Draw(seed, 20_000).Select(gap => CutAt(gap, Exponential(random, 200_000)))];

        foreach (WhatIfPoint point in WhatIfEstimate.PointsOf(RawGap.Sums(gaps, ObservedMilliseconds)))
        {
            (double found, double seconds) = PlainWhatIf.Censored(gaps, point.IdleTimeout.TotalMilliseconds);
            AssertIs(point, found, seconds, gaps, shareWithin: 0.003, $"seed {seed}");
        }
    }

    // The reason for it all: what was seen under one timeout tells what would have been seen under another.
    [Test]
    public void What_was_cut_at_random_is_still_estimated_as_it_was_before([Range(1, Seeds)] int seed)
    {
        var random = new Random(seed);
        List<RawGap> whole = Draw(seed, 50_000);
        var cut = whole.Select(gap => CutAt(gap, random.Next(10) == 0 ? 300_100 : 30_000 + random.Next(100)));

        foreach (WhatIfPoint point in WhatIfEstimate.PointsOf(RawGap.Sums(cut, ObservedMilliseconds)))
        {
            (double found, double seconds) = PlainWhatIf.Whole(whole, point.IdleTimeout.TotalMilliseconds);
            AssertIs(point, found, seconds, whole, shareWithin: 0.02, $"seed {seed}", openWithin: 0.04);
        }
    }

    [Test]
    public void Beyond_what_was_watched_there_is_a_range_that_contains_the_truth([Range(1, Seeds)] int seed)
    {
        var random = new Random(seed);
        List<RawGap> whole = Draw(seed, 5_000);
        List<RawGap> cut = [.. whole.Select(gap => CutAt(gap, 75_000 + random.Next(100)))];

        foreach (WhatIfPoint point in WhatIfEstimate.PointsOf(RawGap.Sums(cut, ObservedMilliseconds)))
        {
            (double found, double seconds) = PlainWhatIf.Whole(whole, point.IdleTimeout.TotalMilliseconds);
            double cutShare = cut.Count(g => g.End == GapEnd.Engine) / (double)cut.Count;
            double unknown = point.IdleTimeout <= TimeSpan.FromSeconds(75) ? 0 : cutShare;
            double open = OpenOf(whole, seconds);
            Assert.That(point.ShareHigh - point.ShareLow, Is.EqualTo(unknown).Within(0.001), $"seed {seed} {point}");
            Assert.That(found, Is.InRange(point.ShareLow - 0.001, point.ShareHigh + 0.001), $"seed {seed} {point}");
            Assert.That(open, Is.InRange(point.OpenLow * 0.98, point.OpenHigh * 1.02), $"seed {seed} {point}");
        }
    }

    // A request may just beat a close that comes up to a tick late; it must not stand for all that were closed.
    [Test]
    public void A_few_that_ended_after_the_timeout_do_not_stand_for_those_that_it_closed()
    {
        List<RawGap> gaps = [.. Enumerable.Repeat(new RawGap(75_050, GapEnd.Engine), 1_000)];
        gaps.AddRange(Enumerable.Repeat(new RawGap(75_900, GapEnd.Request), 19));

        WhatIfPoint point = At(120_000, WhatIfEstimate.PointsOf(RawGap.Sums(gaps)));

        Assert.That((point.ShareLow, point.ShareHigh), Is.EqualTo((0, 1)));
    }

    [Test]
    public void The_share_is_of_all_requests_and_not_of_those_whose_connection_was_kept()
    {
        GapSums sums = RawGap.Sums(Enumerable.Repeat(new RawGap(3_000, GapEnd.Request), 100));
        sums.Add(new GapTotals(0) { Requests = 300 });

        WhatIfPoint[] points = WhatIfEstimate.PointsOf(sums);

        Assert.That(points.Select(p => p.ShareLow).Take(2), Is.EqualTo([0, 0.25]).Within(1e-9));
    }

    [Test]
    public void A_longer_timeout_never_finds_less_and_never_keeps_fewer_open([Range(1, Seeds)] int seed)
    {
        var random = new Random(seed);
        var gaps = Draw(seed, 200).Select(gap => CutAt(gap, Exponential(random, 30_000)));

        WhatIfPoint[] points = WhatIfEstimate.PointsOf(RawGap.Sums(gaps));

        Assert.That(points.Select(p => p.ShareLow), Is.Ordered);
        Assert.That(points.Select(p => p.ShareHigh), Is.Ordered);
        Assert.That(points.Select(p => p.OpenHigh), Is.Ordered);
        Assert.That(points, Has.All.Matches<WhatIfPoint>(p => p.ShareLow <= p.ShareHigh && p.OpenLow <= p.OpenHigh));
    }

    private static void AssertIs(
        WhatIfPoint point, double found, double seconds, List<RawGap> gaps, double shareWithin, string seed, double openWithin = 0.02)
    {
        // The last few of many that were cut are a range, and a narrow one.
        double open = OpenOf(gaps, seconds);
        Assert.That(point.ShareHigh - point.ShareLow, Is.InRange(0, 0.01), $"{seed} {point}");
        Assert.That(found, Is.InRange(point.ShareLow - shareWithin, point.ShareHigh + shareWithin), $"{seed} {point}");
        Assert.That(open, Is.InRange(point.OpenLow * (1 - openWithin), point.OpenHigh * (1 + openWithin)), $"{seed} {point}");
    }

    private static double OpenOf(List<RawGap> gaps, double seconds) => gaps.Count * seconds * 1_000 / ObservedMilliseconds;

    private static WhatIfPoint At(int milliseconds, WhatIfPoint[] points) =>
        points.Single(p => p.IdleTimeout.TotalMilliseconds == milliseconds);

    private static RawGap CutAt(RawGap gap, double milliseconds) =>
        gap.Milliseconds <= milliseconds ? gap : new RawGap(milliseconds, GapEnd.Engine);

    // Bursts, readers and those who never come back, in shares that the seed decides; some close by themselves first.
    private static List<RawGap> Draw(int seed, int count)
    {
        var random = new Random(seed);
        double bursts = random.NextDouble();
        double patience = 1_000 * Math.Pow(10, 3 * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            double asks = random.NextDouble() < bursts ? Exponential(random, 800)
                : random.Next(2) == 0 ? Exponential(random, 40_000)
                : 2_000 * Math.Pow(1 - random.NextDouble(), -1 / 1.2);
            double closes = random.Next(3) == 0 ? Exponential(random, patience) : double.MaxValue;
            return closes < asks ? new RawGap(closes, GapEnd.Client) : new RawGap(asks, GapEnd.Request);
        })];
    }

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());
}
