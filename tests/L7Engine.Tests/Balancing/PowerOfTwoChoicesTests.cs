using L7Engine.Balancing;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class PowerOfTwoChoicesTests
{
    [TestCase(1, 1, 1)]
    [TestCase(5, 1, 1)]
    [TestCase(1, 2, 3, 4, 5, 6, 7)]
    [TestCase(1000, 1, 10, 0)]
    public void Idle_backends_are_drawn_by_weight(params int[] weights)
    {
        var bed = new PickBed(weights);

        int[] picks = bed.Picks(new PowerOfTwoChoices(new Random(1), weights.Length), 50_000);

        ChiSquare.AssertDistributed(picks, [.. weights.Select(w => (double)w)]);
    }

    // By definition: i is picked when it is drawn first, and whoever is second is not less loaded; or second, and less.
    [Test]
    public void Of_two_that_are_drawn_the_less_loaded_for_its_weight_is_picked([Random(5, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        int[] weights = [.. Enumerable.Range(0, 6).Select(_ => random.Next(1, 10))];
        var bed = new PickBed(weights);
        int[] loads = [.. weights.Select(_ => random.Next(0, 20))];
        bed.Load(loads);

        int[] picks = bed.Picks(new PowerOfTwoChoices(random, weights.Length), 50_000);

        ChiSquare.AssertDistributed(picks, SharesOf(weights, loads), $"seed {seed}");
    }

    [Test]
    public void The_busiest_is_never_picked_while_there_is_another()
    {
        var bed = new PickBed(1, 1, 1);
        bed.Load(5, 6, 4);

        Assert.That(bed.Picks(new PowerOfTwoChoices(new Random(1), 3), 1_000), Has.None.EqualTo(1));
    }

    [Test]
    public void Of_one_that_is_left_it_is_the_one()
    {
        var bed = new PickBed(1, 1, 1) { Tried = [true, false, true] };

        Assert.That(bed.Picks(new PowerOfTwoChoices(new Random(1), 3), 10), Has.All.EqualTo(1));
    }

    [Test]
    public void Without_a_candidate_none_is_picked()
    {
        Assert.That(new PickBed(0, 0).Pick(new PowerOfTwoChoices(new Random(1), 2)), Is.EqualTo(-1));
        Assert.That(new PickBed().Pick(new PowerOfTwoChoices(new Random(1), 0)), Is.EqualTo(-1));
    }

    [Test]
    public void A_pick_allocates_nothing()
    {
        var bed = new PickBed(5, 1, 1);
        var policy = new PowerOfTwoChoices(new Random(1), 3);

        Assert.That(Allocated.BytesBy(() => bed.Pick(policy)), Is.Zero);
    }

    private static double[] SharesOf(int[] weights, int[] loads)
    {
        double[] shares = new double[weights.Length];
        double all = weights.Sum();
        for (int first = 0; first < weights.Length; first++)
        {
            for (int second = 0; second < weights.Length; second++)
            {
                double chance = first == second ? 0 : weights[first] / all * weights[second] / (all - weights[first]);
                bool isFirst = loads[first] * weights[second] <= loads[second] * weights[first];
                shares[isFirst ? first : second] += chance;
            }
        }

        return shares;
    }
}
