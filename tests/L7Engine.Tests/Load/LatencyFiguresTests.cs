using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Statistics;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class LatencyFiguresTests
{
    [Test]
    public void Percentiles_of_all_blocks_are_those_of_their_latencies_thrown_together()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        long[][] drawn = [.. Enumerable.Range(0, 5).Select(
            _ => Enumerable.Range(0, 200).Select(_ => (long)random.Next(1, 500) * 1_000).ToArray())];
        double[] sorted = [.. drawn.SelectMany(d => d).Order().Select(n => n / 1e3)];
        double[] percents = [0, 50, 90, 99, 99.9, 100];

        Estimate[] percentiles = LatencyFigures.Percentiles([.. drawn.Select(Of)], percents, 1)!;

        for (int i = 0; i < percents.Length; i++)
        {
            int rank = Math.Max(1, (int)Math.Ceiling(sorted.Length * percents[i] / 100));
            Assert.That(percentiles[i].Median, Is.EqualTo(sorted[rank - 1]), $"{percents[i]} %");
            Assert.That(percentiles[i].Low, Is.AtMost(percentiles[i].Median));
            Assert.That(percentiles[i].High, Is.AtLeast(percentiles[i].Median));
        }
    }

    // One block with a stall among many without: the interval of p99 says that it hangs on one block.
    [Test]
    public void A_stall_in_one_block_widens_the_interval_of_the_rare_latencies_alone()
    {
        LatencyCounts quiet = new([100_000], [100]);
        LatencyCounts stalled = new([100_000, 50_000_000], [80, 20]);

        Estimate[] percentiles =
            LatencyFigures.Percentiles([stalled, .. Enumerable.Repeat(quiet, 7)], [50, 99], 1)!;

        Assert.That(percentiles[0], Is.EqualTo(new Estimate(100, 100, 100)));
        Assert.That(percentiles[1].Low, Is.EqualTo(100));
        Assert.That(percentiles[1].High, Is.EqualTo(50_000));
    }

    [Test]
    public void Without_latencies_there_are_no_percentiles()
    {
        Assert.That(LatencyFigures.Percentiles([], [50], 1), Is.Null);
        Assert.That(LatencyFigures.Percentiles([new LatencyCounts([], [])], [50], 1), Is.Null);
        Assert.That(LatencyFigures.CurveOf([]), Is.Empty);
    }

    [Test]
    public void The_curve_ends_where_a_percentile_would_be_less_than_one_request()
    {
        IReadOnlyList<LatencyPoint> curve = LatencyFigures.CurveOf([new LatencyCounts([1_000, 2_000], [900, 100])]);

        Assert.That(curve[0], Is.EqualTo(new LatencyPoint(0, 1)));
        Assert.That(curve[^1], Is.EqualTo(new LatencyPoint(99.9, 2)));
    }

    private static LatencyCounts Of(long[] latencies)
    {
        var groups = latencies.GroupBy(l => l).OrderBy(g => g.Key).ToArray();
        return new LatencyCounts([.. groups.Select(g => g.Key)], [.. groups.Select(g => (long)g.Count())]);
    }
}
