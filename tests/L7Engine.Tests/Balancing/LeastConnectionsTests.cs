using L7Engine.Balancing;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class LeastConnectionsTests
{
    [TestCase(5, 1, 1)]
    [TestCase(1, 2, 3, 4, 5, 6, 7)]
    [TestCase(3, 0, 9)]
    public void Idle_backends_are_tied_and_take_turns(params int[] weights)
    {
        var bed = new PickBed(weights);

        int[] picks = bed.Picks(Policy(weights), weights.Sum());

        Assert.That(picks, Is.EqualTo(bed.Picks(new SmoothWeightedRoundRobin(weights, 0), weights.Sum())));
    }

    [Test]
    public void The_fewest_requests_for_the_weight_are_picked([Random(50, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        int[] weights = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(1, 10))];
        int[] loads = [.. weights.Select(_ => random.Next(0, 30))];
        var bed = new PickBed(weights);
        bed.Load(loads);
        bed.Tried[random.Next(weights.Length)] = weights.Length > 1;
        double[] perWeight = [.. loads.Select((load, i) =>
            bed.Tried[i] ? double.MaxValue : (double)load / weights[i])];

        int picked = bed.Pick(Policy(weights));

        Assert.That(perWeight[picked], Is.EqualTo(perWeight.Min()), $"seed {seed}");
    }

    // Each request stays: what is in flight must become what the weights say.
    [TestCase(5, 1, 1)]
    [TestCase(1, 2, 3, 4, 10)]
    public void What_is_in_flight_stays_in_the_ratio_of_the_weights(params int[] weights)
    {
        var bed = new PickBed(weights);
        LeastConnections policy = Policy(weights);
        for (int i = 0; i < 100 * weights.Sum(); i++)
        {
            bed.Take(bed.Pick(policy));
        }

        Assert.That(bed.Backends.Select(b => b.State.InFlight), Is.EqualTo(weights.Select(w => 100 * w)));
    }

    // With at most one more in one place than in another, the ties are broken in turn.
    [Test]
    public void Those_that_are_tied_take_turns_while_another_is_busy()
    {
        var bed = new PickBed(1, 1, 1);
        bed.Load(0, 1, 0);

        Assert.That(bed.Picks(Policy(1, 1, 1), 4), Is.EqualTo((int[])[0, 2, 0, 2]));
    }

    [Test]
    public void Without_a_candidate_none_is_picked()
    {
        Assert.That(new PickBed(0, 0).Pick(Policy(0, 0)), Is.EqualTo(-1));
    }

    [Test]
    public void A_pick_allocates_nothing()
    {
        var bed = new PickBed(5, 1, 1);
        LeastConnections policy = Policy(5, 1, 1);

        Assert.That(Allocated.BytesBy(() => bed.Pick(policy)), Is.Zero);
    }

    private static LeastConnections Policy(params int[] weights) =>
        new(new SmoothWeightedRoundRobin(weights, 0), weights.Length);
}
