using L7Engine.Balancing;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class SmoothWeightedRoundRobinTests
{
    // The example of the commit that brought the algorithm to nginx.
    [Test]
    public void Weights_five_one_one_spread_the_first_over_the_turn()
    {
        Assert.That(Picks([5, 1, 1], 7), Is.EqualTo((int[])[0, 0, 1, 0, 2, 0, 0]));
    }

    [Test]
    public void Every_turn_gives_each_its_weight_exactly([Random(30, Distinct = true)] int seed)
    {
        int[] weights = RandomWeights(seed);
        var policy = new SmoothWeightedRoundRobin(weights, 0);
        var bed = new PickBed(weights);

        for (int turn = 0; turn < 3; turn++)
        {
            int[] picks = bed.Picks(policy, weights.Sum());

            Assert.That(weights.Select((_, i) => picks.Count(p => p == i)), Is.EqualTo(weights), $"seed {seed}");
        }
    }

    // Plain weighted round robin, all of one and then all of the next, would be off by most of a weight.
    [Test]
    public void At_no_moment_is_anyone_two_picks_away_from_its_share([Random(30, Distinct = true)] int seed)
    {
        int[] weights = RandomWeights(seed);
        int[] picks = Picks(weights, weights.Sum());

        var away = from count in Enumerable.Range(1, picks.Length)
                   from i in Enumerable.Range(0, weights.Length)
                   let share = (double)count * weights[i] / weights.Sum()
                   where Math.Abs(picks.Take(count).Count(p => p == i) - share) >= 2
                   select (count, i);

        Assert.That(away, Is.Empty, $"seed {seed}: {string.Join(' ', weights)}");
    }

    [Test]
    public void A_weight_of_zero_is_never_picked()
    {
        Assert.That(Picks([0, 2, 0, 1], 30), Has.None.AnyOf(0, 2));
    }

    [Test]
    public void An_excluded_one_is_passed_over()
    {
        var policy = new SmoothWeightedRoundRobin([1, 1, 1], 0);
        var bed = new PickBed(1, 1, 1) { Tried = [true, false, false] };

        Assert.That(bed.Picks(policy, 4), Is.EqualTo((int[])[1, 2, 1, 2]));
    }

    [Test]
    public void One_that_was_excluded_does_not_catch_up()
    {
        var policy = new SmoothWeightedRoundRobin([1, 1], 0);
        var bed = new PickBed(1, 1) { Tried = [true, false] };
        bed.Picks(policy, 100);
        bed.Tried = [false, false];

        Assert.That(bed.Picks(policy, 10).Count(p => p == 0), Is.EqualTo(5));
    }

    [TestCase(0, 0)]
    [TestCase]
    public void Without_a_candidate_none_is_picked(params int[] weights)
    {
        Assert.That(FirstPick(weights, 5), Is.EqualTo(-1));
    }

    [Test]
    public void When_all_are_excluded_none_is_picked()
    {
        var bed = new PickBed(1, 3) { Tried = [true, true] };

        Assert.That(bed.Pick(new SmoothWeightedRoundRobin([1, 3], 0)), Is.EqualTo(-1));
    }

    [Test]
    public void An_offset_begins_later_in_the_same_turn([Range(0, 15)] int startOffset)
    {
        int[] turn = Picks([5, 1, 1], 7);

        int first = FirstPick([5, 1, 1], startOffset);

        Assert.That(first, Is.EqualTo(turn[startOffset % 7]));
    }

    [Test]
    public void Loops_with_random_offsets_begin_with_every_candidate_about_equally_often()
    {
        const int Loops = 4_000;
        var random = new Random(1);

        var firsts = Enumerable.Range(0, Loops)
            .Select(_ => FirstPick([1, 1, 1, 1], random.Next()))
            .CountBy(first => first)
            .ToDictionary();

        Assert.That(firsts.Values, Has.All.EqualTo(Loops / 4).Within(15).Percent);
    }

    [Test]
    public void Weights_count_by_their_ratio_so_that_a_turn_is_short()
    {
        Assert.That(Picks([900, 300], 4), Is.EqualTo(Picks([3, 1], 4)));
        Assert.That(FirstPick([900, 300], 2), Is.EqualTo(1));
    }

    [Test]
    public void A_pick_allocates_nothing()
    {
        var policy = new SmoothWeightedRoundRobin([5, 1, 1], 0);
        var bed = new PickBed(5, 1, 1) { Tried = [false, true, false] };

        Assert.That(Allocated.BytesBy(() => bed.Pick(policy)), Is.Zero);
    }

    private static int[] RandomWeights(int seed)
    {
        var random = new Random(seed);
        int[] weights = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => random.Next(1, 20))];

        // A weight of one keeps the whole from being reduced, so that the sum is the length of a turn.
        weights[0] = 1;
        return weights;
    }

    private static int[] Picks(int[] weights, int count) =>
        new PickBed(weights).Picks(new SmoothWeightedRoundRobin(weights, 0), count);

    private static int FirstPick(int[] weights, int startOffset) =>
        new PickBed(weights).Pick(new SmoothWeightedRoundRobin(weights, startOffset));
}
