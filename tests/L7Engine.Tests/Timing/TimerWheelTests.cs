using L7Engine.Timing;
using NUnit.Framework;

namespace L7Engine.Tests.Timing;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TimerWheelTests
{
    private readonly Recorder _entry = new();
    private readonly TimerWheel _wheel = new(bucketCount: 8, nowTick: 0);

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8, TestName = "due in exactly one turn")]
    [TestCase(9, TestName = "due one tick after a turn")]
    [TestCase(100, TestName = "due in many turns")]
    public void An_entry_runs_at_its_tick_and_not_before(long dueTick)
    {
        _wheel.Arm(_entry, dueTick);

        Assert.That(_wheel.AdvanceTo(dueTick - 1), Is.Zero);
        Assert.That(_wheel.AdvanceTo(dueTick), Is.EqualTo(1));
    }

    [Test]
    public void An_entry_runs_once()
    {
        _wheel.Arm(_entry, 3);

        for (long tick = 1; tick <= 40; tick++)
        {
            _wheel.AdvanceTo(tick);
        }

        Assert.That(_entry.Runs, Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(-5)]
    public void A_tick_that_is_over_counts_as_the_next(long dueTick)
    {
        _wheel.Arm(_entry, dueTick);

        Assert.That(_entry.Runs, Is.Zero);
        Assert.That(_wheel.AdvanceTo(1), Is.EqualTo(1));
    }

    [Test]
    public void A_deadline_that_moves_later_leaves_the_link_where_it_is()
    {
        _wheel.Arm(_entry, 3);
        _wheel.Arm(_entry, 20);

        Assert.That(_entry.LinkedTick, Is.EqualTo(3));
        Assert.That(_wheel.AdvanceTo(19), Is.Zero);
        Assert.That(_wheel.AdvanceTo(20), Is.EqualTo(1));
    }

    [Test]
    public void A_deadline_that_moves_earlier_runs_at_the_earlier_tick()
    {
        _wheel.Arm(_entry, 20);
        _wheel.Arm(_entry, 3);

        Assert.That(_wheel.AdvanceTo(2), Is.Zero);
        Assert.That(_wheel.AdvanceTo(3), Is.EqualTo(1));
    }

    [Test]
    public void A_cancelled_entry_never_runs_and_is_unlinked_by_the_sweep_that_meets_it()
    {
        _wheel.Arm(_entry, 3);
        _wheel.Arm(_entry, TimerWheel.Never);

        Assert.That(_wheel.Count, Is.EqualTo(1));
        Assert.That(_wheel.AdvanceTo(3), Is.Zero);
        Assert.That((_wheel.Count, _entry.IsScheduled), Is.EqualTo((0, false)));
    }

    [Test]
    public void A_cancelled_entry_can_be_armed_again_before_the_sweep_meets_it()
    {
        _wheel.Arm(_entry, 5);
        _wheel.Arm(_entry, TimerWheel.Never);
        _wheel.Arm(_entry, 4);

        Assert.That(_wheel.AdvanceTo(4), Is.EqualTo(1));
    }

    [Test]
    public void A_removed_entry_is_out_of_the_wheel_at_once()
    {
        _wheel.Arm(_entry, 3);
        _wheel.Remove(_entry);

        Assert.That((_wheel.Count, _entry.IsScheduled, _entry.DueTick), Is.EqualTo((0, false, TimerWheel.Never)));
    }

    [Test]
    public void A_jump_past_many_turns_runs_each_due_entry_once_and_no_other()
    {
        Recorder[] entries = [.. Enumerable.Range(1, 100).Select(_ => new Recorder())];
        for (int i = 0; i < entries.Length; i++)
        {
            _wheel.Arm(entries[i], i + 1);
        }

        Assert.That(_wheel.AdvanceTo(60), Is.EqualTo(60));
        Assert.That(entries.Select(e => e.Runs), Is.EqualTo(Enumerable.Range(1, 100).Select(due => due <= 60 ? 1 : 0)));
    }

    [Test]
    public void An_entry_that_runs_may_cancel_its_neighbour()
    {
        var neighbour = new Recorder();
        _entry.WhenDue = () => _wheel.Arm(neighbour, TimerWheel.Never);
        _wheel.Arm(_entry, 3);
        _wheel.Arm(neighbour, 3);

        _wheel.AdvanceTo(3);

        Assert.That((_entry.Runs, neighbour.Runs), Is.EqualTo((1, 0)));
    }

    [Test]
    public void An_entry_that_runs_may_remove_its_neighbour()
    {
        var neighbour = new Recorder();
        var last = new Recorder();
        _entry.WhenDue = () => _wheel.Remove(neighbour);
        _wheel.Arm(_entry, 3);
        _wheel.Arm(neighbour, 3);
        _wheel.Arm(last, 3);

        _wheel.AdvanceTo(3);

        Assert.That((_entry.Runs, neighbour.Runs, last.Runs), Is.EqualTo((1, 0, 1)));
    }

    [Test]
    public void An_entry_that_arms_itself_for_now_runs_at_the_next_tick_and_not_for_ever()
    {
        _entry.WhenDue = () => _wheel.Arm(_entry, _wheel.NowTick);
        _wheel.Arm(_entry, 1);

        Assert.That(_wheel.AdvanceTo(1), Is.EqualTo(1));
        Assert.That(_wheel.AdvanceTo(2), Is.EqualTo(1));
    }

    [Test]
    public void An_entry_that_throws_costs_no_other_its_turn()
    {
        Recorder[] others = [new(), new()];
        _entry.WhenDue = () => throw new InvalidOperationException();
        _wheel.Arm(_entry, 2);
        _wheel.Arm(others[0], 2);
        _wheel.Arm(others[1], 3);

        Assert.That(() => _wheel.AdvanceTo(3), Throws.InvalidOperationException);
        Assert.That(_wheel.AdvanceTo(3), Is.EqualTo(2));
    }

    [Test]
    public void A_duration_is_rounded_up_to_whole_ticks()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TimerWheel.TicksOf(TimeSpan.Zero), Is.Zero);
            Assert.That(TimerWheel.TicksOf(TimeSpan.FromTicks(1)), Is.EqualTo(1));
            Assert.That(TimerWheel.TicksOf(TimeSpan.FromMilliseconds(100)), Is.EqualTo(1));
            Assert.That(TimerWheel.TicksOf(TimeSpan.FromMilliseconds(101)), Is.EqualTo(2));
            Assert.That(TimerWheel.TicksOf(TimeSpan.FromSeconds(75)), Is.EqualTo(750));
            Assert.That(TimerWheel.TicksOf(Timeout.InfiniteTimeSpan), Is.EqualTo(TimerWheel.Never));
        }
    }

    // The current tick may be all but over: armed for the sum alone, an entry could be early by a tick.
    [Test]
    public void The_tick_after_a_duration_leaves_out_the_one_that_is_running()
    {
        _wheel.AdvanceTo(10);

        Assert.That(_wheel.TickAfter(5), Is.EqualTo(16));
    }

    [TestCase(TimerWheel.Never)]
    [TestCase(TimerWheel.Never - 5)]
    public void The_tick_after_a_duration_without_end_is_never(long ticks)
    {
        _wheel.AdvanceTo(10);

        Assert.That(_wheel.TickAfter(ticks), Is.EqualTo(TimerWheel.Never));
    }


    private sealed class Recorder : TimerEntry
    {
        public int Runs { get; private set; }

        public Action? WhenDue { get; set; }

        protected internal override void OnDue()
        {
            Runs++;
            WhenDue?.Invoke();
        }
    }
}
