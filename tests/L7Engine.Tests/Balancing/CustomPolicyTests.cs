using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

/// <summary>A policy of the embedder: what it is told, and what becomes of what it does wrong.</summary>
internal sealed class CustomPolicyTests : EngineFixture
{
    [Test]
    public void It_is_made_for_each_loop_and_group_with_what_it_has_to_know()
    {
        List<BalancingPolicyContext> made = [];
        Start(With(context =>
        {
            made.Add(context);
            return new Scripted();
        }), backends: 2, loops: 3);

        Assert.That(made.Select(c => c.Loop), Is.EqualTo((int[])[0, 1, 2]));
        Assert.That(made.Select(c => c.Seed).Distinct().Count(), Is.EqualTo(3));
        Assert.That(made.Select(c => c.Group), Is.All.EqualTo("default"));
        Assert.That(made[0].Addresses, Is.EqualTo(Bed.Backends.Select(b => b.Address)));
    }

    [Test]
    public void It_is_made_again_for_each_configuration()
    {
        int made = 0;
        Start(With(_ =>
        {
            made++;
            return new Scripted();
        }));

        Bed.Apply(o => o with { Timeouts = new Timeouts { Drain = TimeSpan.FromSeconds(1) } });

        Assert.That(made, Is.EqualTo(2));
    }

    [Test]
    public void It_sees_the_request_and_picks_by_it()
    {
        Start(With(context => new Scripted
        {
            Key = (in request) =>
                request.PathAndQuery.EndsWith("1"u8) && request.TryGetField("x-A"u8, out ReadOnlySpan<byte> _) ? 1UL : 0,
        }), backends: 2);
        Bed.AnswerWith(Msg.Ok());

        Ask(Msg.Get("/1", "X-a: b\r\n"));
        Ask(Msg.Get("/0", "X-a: b\r\n"));
        Ask(Msg.Get("/1"));

        Assert.That(Bed.Backends.Select(b => b.Peers.Count), Is.EqualTo((int[])[1, 1]));
        Assert.That(Bed.Status.PolicyFaults, Is.Zero);
    }

    [Test]
    public void What_was_tried_is_not_available_to_the_next_pick()
    {
        List<bool> seen = [];
        Start(With(_ => new Scripted
        {
            Picking = (_, in candidates) =>
            {
                seen.Add(candidates.IsAvailable(0));
                return candidates.IsAvailable(0) ? 0 : 1;
            },
        }), backends: 2);
        Bed.AnswerWith(Msg.Ok());
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Refused);

        SimPeer client = Ask(Msg.Get());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Assert.That(seen, Is.EqualTo((bool[])[true, false]));
    }

    [Test]
    public void What_it_throws_costs_no_request_and_is_counted()
    {
        Start(With(_ => new Scripted { Picking = (_, in _) => throw new InvalidOperationException("pick") }), backends: 2);
        Bed.AnswerWith(Msg.Ok());

        int[] statuses = [.. Enumerable.Range(0, 4).Select(_ => Msg.StatusOf(Ask(Msg.Get()).Text))];

        Assert.That(statuses, Is.All.EqualTo(200));
        Assert.That(Bed.Status.PolicyFaults, Is.EqualTo(4));
        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Is.EqualTo((long[])[2, 2]));
    }

    [Test]
    public void What_it_throws_at_a_request_leaves_that_without_a_key()
    {
        Start(With(_ => new Scripted { Key = (in _) => throw new InvalidOperationException("key") }), backends: 2);
        Bed.AnswerWith(Msg.Ok());

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Bed.Status.PolicyFaults, Is.EqualTo(1));
    }

    [TestCase(-2)]
    [TestCase(2)]
    [TestCase(int.MaxValue)]
    [TestCase(int.MinValue)]
    public void What_is_no_index_is_a_fault_and_round_robin_picks(int picked)
    {
        Start(With(_ => new Scripted { Picking = (_, in _) => picked }), backends: 2);
        Bed.AnswerWith(Msg.Ok());

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Bed.Status.PolicyFaults, Is.EqualTo(1));
    }

    [Test]
    public void Where_what_it_picks_is_not_available_round_robin_picks()
    {
        Start(With(_ => new Scripted { Picking = (_, in _) => 0 }), backends: 2);
        Bed.AnswerWith(Msg.Ok());
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Refused);

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Bed.Status.PolicyFaults, Is.Zero);
    }

    [Test]
    public void A_request_that_it_gives_to_nobody_is_answered_503()
    {
        Start(With(_ => new Scripted { Picking = (_, in _) => -1 }), backends: 2);

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(503));
        Assert.That(Bed.Status.PolicyFaults, Is.Zero);
    }

    [Test]
    public void A_factory_that_fails_leaves_round_robin([Values] bool throws)
    {
        Start(With(_ => throws ? throw new InvalidOperationException("factory") : null!), backends: 2);
        Bed.AnswerWith(Msg.Ok());

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Bed.Status.PolicyFaults, Is.EqualTo(1));
    }

    // Of the sample.
    [Test]
    public void A_zone_is_left_when_its_backends_have_enough_and_another_has_less()
    {
        var policy = new ZonePolicy([true, true, false], enough: 2);
        var bed = new PickBed(1, 1, 1);
        List<int> picks = [];
        for (int i = 0; i < 6; i++)
        {
            picks.Add(bed.Pick(policy));
            bed.Take(picks[^1]);
        }

        Assert.That(picks[..4].Order(), Is.EqualTo((int[])[0, 0, 1, 1]));
        Assert.That(picks[4..], Is.EqualTo((int[])[2, 2]));
    }

    private static Func<LoadBalancerOptions, LoadBalancerOptions> With(
        Func<BalancingPolicyContext, IBalancingPolicy> make) =>
        o => o with { Groups = [o.Groups[0] with { CustomPolicy = make }] };

    private delegate ulong KeyRule(in BalancingRequest request);

    private delegate int PickRule(ulong key, in BalancingCandidates candidates);

    /// <summary>Picks by key, unless it is told otherwise.</summary>
    private sealed class Scripted : IBalancingPolicy
    {
        public KeyRule Key { get; init; } = (in _) => 0;

        public PickRule Picking { get; init; } = (key, in _) => (int)key;

        public ulong KeyOf(in BalancingRequest request) => Key(request);

        public int Pick(ulong key, in BalancingCandidates candidates) => Picking(key, candidates);
    }
}
