using L7Engine.Balancing;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class ConsistentHashTests
{
    private const int Keys = 20_000;

    [TestCase(1, 1, 1)]
    [TestCase(5, 1, 1)]
    [TestCase(1, 2, 3, 4, 5, 6, 7, 0)]
    [TestCase(1000, 1, 10)]
    public void Keys_are_spread_by_weight(params int[] weights)
    {
        var bed = new PickBed(weights);

        ChiSquare.AssertDistributed(PicksOf(bed), [.. weights.Select(w => (double)w)]);
    }

    [Test]
    public void Keys_that_follow_one_another_are_spread_as_well()
    {
        var bed = new PickBed(1, 1, 1, 1, 1);
        ConsistentHash policy = PolicyOf(bed);

        ChiSquare.AssertDistributed(
            Enumerable.Range(1, Keys).Select(key => bed.Pick(policy, (ulong)key)), [1, 1, 1, 1, 1]);
    }

    // Which order the backends have, and who else there is, does not matter: every loop and engine agrees.
    [Test]
    public void A_key_has_its_backend_whatever_the_order_of_the_backends()
    {
        var bed = new PickBed(3, 1, 2);
        var turned = new PickBed([.. bed.Options.Reverse()]);
        ConsistentHash policy = PolicyOf(turned);

        Assert.That(
            KeysOf(1).Select(key => turned.Candidates.Address(turned.Pick(policy, key))),
            Is.EqualTo(PicksOf(bed).Select(i => bed.Candidates.Address(i))));
    }

    [Test]
    public void When_a_backend_leaves_only_its_own_keys_move([Range(0, 4)] int leaver)
    {
        var bed = new PickBed(5, 1, 1, 3, 2);
        int[] before = [.. PicksOf(bed)];
        bed.Tried[leaver] = true;

        int[] after = [.. PicksOf(bed)];

        var moved = before.Zip(after).Where(p => p.First != p.Second).ToList();
        double[] shares = [5, 1, 1, 3, 2];
        shares[leaver] = 0;
        Assert.That(moved.Select(p => p.First), Is.All.EqualTo(leaver));
        Assert.That(before.Count(p => p == leaver), Is.EqualTo(moved.Count));
        ChiSquare.AssertDistributed(moved.Select(p => p.Second), shares, "Its keys go to the others by weight.");
    }

    [Test]
    public void When_a_backend_comes_only_its_own_keys_move()
    {
        var bed = new PickBed(5, 1, 1);
        var larger = new PickBed(5, 1, 1, 7);

        var moved = PicksOf(bed).Zip(PicksOf(larger)).Where(p => p.First != p.Second).ToList();

        Assert.That(moved.Select(p => p.Second), Is.All.EqualTo(3));
        Assert.That(moved, Has.Count.EqualTo(Keys / 2).Within(3).Percent);
    }

    [Test]
    public void When_a_weight_changes_keys_move_only_to_it_or_from_it()
    {
        var moved = PicksOf(new PickBed(2, 2, 2)).Zip(PicksOf(new PickBed(2, 4, 2)))
            .Where(p => p.First != p.Second).ToList();

        Assert.That(moved.Select(p => p.Second), Is.All.EqualTo(1));
        Assert.That(moved, Has.Count.EqualTo(Keys / 6).Within(5).Percent);
    }

    // Every request stays in flight, or ends at random; each pick is held against the definition of the bound.
    [Test]
    public void On_one_loop_the_bounded_load_is_never_exceeded(
        [Values(1.0, 1.25, 2.0)] double bound, [Random(10, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        int[] weights = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1, 5))];
        var bed = new PickBed(weights);
        ConsistentHash policy = PolicyOf(bed, bound);
        List<int> open = [];
        for (int i = 0; i < 5_000; i++)
        {
            // Most of the load is of a few keys.
            int picked = bed.Pick(policy, StableHash.Mix((ulong)random.Next(1, random.Next(2, 30))));
            bed.Take(picked);
            open.Add(picked);
            double most = Math.Ceiling(bound * open.Count * weights[picked] / weights.Sum());
            Assert.That(bed.Backends[picked].State.InFlight, Is.LessThanOrEqualTo(most), $"seed {seed}, pick {i}");
            if (random.Next(3) == 0)
            {
                int end = random.Next(open.Count);
                bed.Backends[open[end]].State.ReleasePlace();
                open.RemoveAt(end);
            }
        }
    }

    [Test]
    public void Past_its_bound_a_key_goes_where_it_would_if_the_backend_were_gone()
    {
        var bed = new PickBed(1, 1, 1, 1);
        ConsistentHash policy = PolicyOf(bed, 1.25);
        const ulong Key = 77;
        int first = bed.Pick(policy, Key);
        bed.Tried[first] = true;
        int second = bed.Pick(policy, Key);
        bed.Tried[first] = false;

        bed.Take(first);
        bed.Take(first);

        Assert.That(bed.Pick(policy, Key), Is.EqualTo(second));
    }

    [Test]
    public void Without_a_bound_a_key_stays_whatever_the_load()
    {
        var bed = new PickBed(1, 1);
        ConsistentHash policy = PolicyOf(bed, 0);
        int first = bed.Pick(policy, 5);
        bed.Load(10_000, 10_000);
        bed.Take(first);

        Assert.That(bed.Pick(policy, 5), Is.EqualTo(first));
    }

    [Test]
    public void Requests_without_a_key_take_turns()
    {
        var bed = new PickBed(5, 1, 1);

        Assert.That(bed.Picks(PolicyOf(bed), 7), Is.EqualTo((int[])[0, 0, 1, 0, 2, 0, 0]));
    }

    [Test]
    public void Without_a_candidate_none_is_picked()
    {
        var bed = new PickBed(0, 0);

        Assert.That(bed.Pick(PolicyOf(bed), 1), Is.EqualTo(-1));
    }

    // What has been chosen by the hash must still be found after an update of the engine.
    [Test]
    public void A_key_has_the_same_backend_in_every_version()
    {
        var bed = new PickBed(5, 1, 1, 3);
        ConsistentHash policy = PolicyOf(bed);

        Assert.That(
            Enumerable.Range(1, 20).Select(key => bed.Pick(policy, StableHash.Mix((ulong)key))),
            Is.EqualTo((int[])[3, 0, 3, 2, 3, 0, 0, 3, 3, 3, 2, 0, 3, 0, 0, 1, 0, 3, 3, 0]));
    }

    [Test]
    public void A_pick_allocates_nothing()
    {
        var bed = new PickBed(5, 1, 1);
        ConsistentHash policy = PolicyOf(bed, 1.25);

        Assert.That(Allocated.BytesBy(() => bed.Pick(policy, 3)), Is.Zero);
    }

    private static ConsistentHash PolicyOf(PickBed bed, double boundedLoad = 0) => new(
        new HashKey(HashInput.ClientAddress), boundedLoad,
        new SmoothWeightedRoundRobin([.. bed.Backends.Select(b => b.Weight)], 0),
        [.. bed.Backends.Select(b => b.Address.ToString())]);

    private static IEnumerable<int> PicksOf(PickBed bed)
    {
        ConsistentHash policy = PolicyOf(bed);
        return [.. KeysOf(1).Select(key => bed.Pick(policy, key))];
    }

    private static IEnumerable<ulong> KeysOf(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Keys).Select(_ => (ulong)random.NextInt64())];
    }
}
