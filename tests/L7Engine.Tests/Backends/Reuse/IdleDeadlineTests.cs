using L7Engine.Backends.Reuse;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Reuse;

/// <summary>What the loops share of a backend's deadline, and what it allows.</summary>
[TestFixture]
internal sealed class IdleDeadlineTests
{
    private IdleSamples _samples = null!;
    private IdleDeadline _deadline = null!;
    private long _now;

    [SetUp]
    public void Begin() => (_now, _samples, _deadline) = (1_000_000, new IdleSamples(), new IdleDeadline());

    // Repeatable: D less clamp(D/5, 100 ms, 1 s) less two round trips. Unrepeatable: at most the setting, and D/2.
    [TestCase(0, 0, long.MaxValue, 500)]
    [TestCase(5_000, 0, 4_000, 500)]
    [TestCase(5_000, 100, 3_800, 500)]
    [TestCase(60_000, 10, 58_980, 500)]
    [TestCase(1_000, 100, 600, 500)]
    [TestCase(800, 0, 640, 400)]
    [TestCase(300, 0, 200, 150)]
    [TestCase(300, 60, 80, 80)]
    [TestCase(200, 200, 0, 0)]
    public void A_deadline_allows_so_much(long deadline, long roundTrip, long repeatable, long unrepeatable)
    {
        Assert.That(IdleDeadlineRule.OldestForRepeatable(deadline, roundTrip), Is.EqualTo(repeatable));
        Assert.That(IdleDeadlineRule.OldestForUnrepeatable(500, deadline, roundTrip), Is.EqualTo(unrepeatable));
        Assert.That(IdleDeadlineRule.OldestForUnrepeatable(0, deadline, roundTrip), Is.Zero);
    }

    [Test]
    public void A_request_that_is_allowed_arrives_before_the_backend_closes(
        [Values(1_000, 1_500, 5_000, 60_000)] long deadline, [Values(0, 1, 20, 100)] long roundTrip)
    {
        Assert.That(IdleDeadlineRule.OldestForRepeatable(deadline, roundTrip) + roundTrip, Is.LessThan(deadline));
        Assert.That(IdleDeadlineRule.OldestForUnrepeatable(500, 0, roundTrip) + roundTrip, Is.LessThan(deadline));
    }

    [Test]
    public void A_probe_waits_for_longer_than_any_close_of_the_deadline_would_take(
        [Values(200, 1_000, 5_000, 60_000)] long deadline, [Values(0, 100)] long roundTrip)
    {
        long first = IdleDeadlineRule.FirstAgainst(deadline, roundTrip);

        Assert.That(first, Is.GreaterThan(IdleDeadlineRule.EndOfWindow(deadline) - 1));
        Assert.That(IdleDeadlineRule.OldestForProbe(deadline, roundTrip), Is.GreaterThan(first + 200));
    }

    [Test]
    public void It_is_learned_from_what_several_loops_saw()
    {
        for (int loop = 0; loop < 3; loop++)
        {
            _samples.AddClose(new IdleClose(_now + (300 * loop), 5_000 + loop, loop, false));
            _deadline.Merge(_samples, _now + 500 + loop);
        }

        Assert.That((_deadline.Value, _deadline.IsUnsettled, _samples.IsEmpty), Is.EqualTo((0L, true, true)));
        _deadline.Merge(_samples, _now + 2_000);
        Assert.That((_deadline.Value, _deadline.IsUnsettled), Is.EqualTo((5_000L, false)));

        _deadline.Forget();
        Assert.That(_deadline.Value, Is.Zero);
    }

    [Test]
    public void One_probe_may_begin_every_ten_minutes_once_a_deadline_is_learned()
    {
        Assert.That(_deadline.TryBeginProbe(_now), Is.False);
        Learn();
        Assert.That(_deadline.TryBeginProbe(_now + 599_999), Is.False);
        Assert.That(_deadline.TryBeginProbe(_now + 600_000));
        Assert.That(_deadline.TryBeginProbe(_now + 1_199_999), Is.False);
        Assert.That(_deadline.TryBeginProbe(_now + 1_200_000));

        _deadline.RepeatProbe(_now + 1_200_001);
        Assert.That(_deadline.TryBeginProbe(_now + 1_200_001));
    }

    [Test]
    public void What_is_only_announced_is_not_probed()
    {
        _samples.Announce(5_000);
        _deadline.Merge(_samples, _now);

        Assert.That(_deadline.Value, Is.EqualTo(5_000));
        Assert.That(_deadline.TryBeginProbe(_now + 10_000_000), Is.False);
    }

    [Test]
    public void Of_the_uses_of_a_second_the_oldest_is_told_and_of_the_closes_no_more_than_are_looked_at()
    {
        _samples.AddUse(_now, 99);
        Assert.That(_samples.IsEmpty);
        _samples.AddUse(_now, 2_000);
        _samples.AddUse(_now + 1, 1_000);
        Assert.That((_samples.OldestUse, _samples.OldestUseAt), Is.EqualTo((2_000L, _now)));

        for (int i = 0; i < 2 * IdleSamples.MaxCloses; i++)
        {
            _samples.AddClose(default);
        }

        Assert.That(_samples.CloseCount, Is.EqualTo(IdleSamples.MaxCloses));
    }

    private void Learn()
    {
        for (int i = 0; i < 3; i++)
        {
            _samples.AddClose(new IdleClose(_now - 5_000 + (500 * i), 5_000, i, false));
        }

        _deadline.Merge(_samples, _now);
        Assert.That(_deadline.Value, Is.EqualTo(5_000));
    }
}
