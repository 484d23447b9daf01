using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Statistics;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class BootstrapTests
{
    private const int Seed = 7;

    [TestCase(new[] { 5.0 }, 5)]
    [TestCase(new[] { 3.0, 1, 2 }, 2)]
    [TestCase(new[] { 4.0, 1, 2, 3 }, 2.5)]
    public void The_median_is_in_the_middle_of_the_sorted_blocks(double[] blocks, double expected) =>
        Assert.That(Bootstrap.Median(blocks, Seed)!.Median, Is.EqualTo(expected));

    [Test]
    public void Without_blocks_there_is_no_estimate() => Assert.That(Bootstrap.Median([], Seed), Is.Null);

    [Test]
    public void Blocks_that_are_all_the_same_leave_no_doubt() =>
        Assert.That(Bootstrap.Median([42.0, 42, 42, 42], Seed), Is.EqualTo(new Estimate(42, 42, 42)));

    [Test]
    public void The_same_blocks_and_seed_give_the_same_interval()
    {
        double[] blocks = Draw(new Random(1), 30);

        Estimate? first = Bootstrap.Median(blocks, Seed);
        Estimate? second = Bootstrap.Median(blocks, Seed);

        Assert.That(second, Is.EqualTo(first));
    }

    // Of an odd number n of blocks the median of a draw is at most the k-th smallest when at least half of the n drawn
    // are among the k smallest: a binomial tail. So the ends are known without drawing.
    [TestCase(9)]
    [TestCase(15)]
    [TestCase(31)]
    public void The_ends_are_those_that_can_be_computed_without_drawing(int count)
    {
        double[] blocks = [.. Enumerable.Range(1, count).Select(i => (double)i)];

        Estimate estimate = Bootstrap.Median(blocks, Seed)!;

        double tail = Normal.TailOfExpandedInterval(count);
        Assert.That(estimate.Low, Is.EqualTo(ExactEnd(count, tail)).Within(1));
        Assert.That(estimate.High, Is.EqualTo(ExactEnd(count, 1 - tail)).Within(1));
        Assert.That(estimate.Low, Is.LessThan(estimate.Median));
        Assert.That(estimate.High, Is.GreaterThan(estimate.Median));
    }

    [TestCase(8)]
    [TestCase(30)]
    public void The_interval_holds_the_true_median_in_about_95_of_100_runs(int count)
    {
        const int Runs = 400;
        var random = new Random(2026);

        int held = Enumerable.Range(0, Runs).Count(_ =>
        {
            // Normal around 100.
            Estimate estimate = Bootstrap.Median(Draw(random, count), Seed)!;
            return estimate.Low <= 100 && estimate.High >= 100;
        });

        Assert.That((double)held / Runs, Is.InRange(0.93, 0.995));
    }

    // Tables of Student's t.
    [TestCase(5, 2.571)]
    [TestCase(7, 2.365)]
    [TestCase(29, 2.045)]
    [TestCase(1_000, 1.962)]
    public void Students_t_is_that_of_the_tables(int degrees, double expected) =>
        Assert.That(Normal.QuantileOfT(degrees), Is.EqualTo(expected).Within(0.005));

    [TestCase(0, 0.5)]
    [TestCase(-1.959964, 0.025)]
    [TestCase(-3, 0.0013499)]
    public void Tails_are_those_of_the_normal_distribution(double value, double expected) =>
        Assert.That(Normal.TailBelow(value), Is.EqualTo(expected).Within(1e-6));

    [Test]
    public void More_blocks_make_the_interval_narrower()
    {
        var random = new Random(3);

        Estimate few = Bootstrap.Median(Draw(random, 8), Seed)!;
        Estimate many = Bootstrap.Median(Draw(random, 800), Seed)!;

        Assert.That(many.High - many.Low, Is.LessThan((few.High - few.Low) / 3));
    }

    // Two figures that are both slow in a slow round: their ratio is known far better than either of them.
    [Test]
    public void The_ratio_of_pairs_is_not_moved_by_slow_rounds()
    {
        var random = new Random(4);
        double[] speeds = [.. Enumerable.Range(0, 12).Select(_ => 0.3 + random.NextDouble())];
        Dictionary<int, double> above = speeds.Index().ToDictionary(s => s.Index, s => 3_000 * s.Item);
        Dictionary<int, double> below = speeds.Index().ToDictionary(s => s.Index, s => 1_000 * s.Item);

        Estimate ratio = Bootstrap.Ratio(above, below, Seed)!;

        Assert.That(ratio.Median, Is.EqualTo(3).Within(1e-9));
        Assert.That(ratio.High - ratio.Low, Is.LessThan(1e-9));
    }

    [Test]
    public void A_round_that_one_of_two_lacks_is_in_no_ratio()
    {
        var above = new Dictionary<int, double> { [1] = 2, [2] = 200, [3] = 4 };
        var below = new Dictionary<int, double> { [1] = 1, [3] = 2, [4] = 1_000 };

        Assert.That(Bootstrap.Ratio(above, below, Seed), Is.EqualTo(new Estimate(2, 2, 2)));
        Assert.That(Bootstrap.Ratio(above, new Dictionary<int, double>(), Seed), Is.Null);
    }

    private static double ExactEnd(int count, double share)
    {
        int k = 1;
        while (BinomialTail(count, (double)k / count, (count + 1) / 2) < share)
        {
            k++;
        }

        return k;
    }

    private static double BinomialTail(int n, double p, int least)
    {
        double sum = 0;
        double term = Math.Pow(1 - p, n);
        for (int i = 0; i <= n; i++)
        {
            sum += i >= least ? term : 0;
            term = p >= 1 ? (i == n - 1 ? 1 : 0) : term * (n - i) / (i + 1) * p / (1 - p);
        }

        return sum;
    }

    private static double[] Draw(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => 100 + (10 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
            * Math.Cos(2 * Math.PI * random.NextDouble()))),
    ];
}
