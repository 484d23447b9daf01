using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GapCountersTests
{
    private const long Start = 5_000;
    private const long Halving = GapTotals.HalvingMilliseconds;

    private readonly GapCounters _counters = new(Start);

    [TestCase(CloseReason.None, GapEnd.Request)]
    [TestCase(CloseReason.ClientClosed, GapEnd.Client)]
    [TestCase(CloseReason.Reset, GapEnd.Client)]
    [TestCase(CloseReason.IdleTimeout, GapEnd.Engine)]
    [TestCase(CloseReason.Drain, GapEnd.Engine)]
    public void A_gap_counts_once_by_its_age_and_by_what_ended_it(CloseReason reason, object end)
    {
        _counters.EndGap(reason, 7_000, Start);

        var sums = GapSums.Of([_counters], Start);
        int bucket = GapBuckets.IndexOf(7_000);
        Assert.That(
            (sums.ByRequest[bucket], sums.ByClient[bucket], sums.ByEngine[bucket]),
            Is.EqualTo((end is GapEnd.Request ? 1 : 0, end is GapEnd.Client ? 1 : 0, end is GapEnd.Engine ? 1 : 0)));
        Assert.That(sums.GapCount, Is.EqualTo(1));
    }

    [Test]
    public void A_connection_is_busy_but_for_its_gaps()
    {
        _counters.Open(Start);
        _counters.EndExchange(CloseReason.None, persists: true, Start + 100);
        _counters.EndGap(CloseReason.None, 1_000, Start + 1_100);
        _counters.EndExchange(CloseReason.ClientAskedClose, persists: true, Start + 1_150);
        _counters.Close(Start + 1_180);

        var sums = GapSums.Of([_counters], Start + 2_000);
        Assert.That((sums.BusyMilliseconds, sums.ObservedMilliseconds), Is.EqualTo((180, 2_000)));
        Assert.That((sums.Requests, sums.Kept), Is.EqualTo((2, 1)));
    }

    [Test]
    public void What_goes_on_counts_up_to_the_moment_of_the_picture()
    {
        _counters.Open(Start);

        Assert.That(GapSums.Of([_counters], Start + 300).BusyMilliseconds, Is.EqualTo(300));
    }

    // It says nothing of what a client would have done, and nothing of what it would not have.
    [TestCase(CloseReason.PersistenceOff, false, 1)]
    [TestCase(CloseReason.PersistenceOff, true, 0, Description = "That of a route: the listener's timeout changes nothing.")]
    [TestCase(CloseReason.Drain, true, 1)]
    [TestCase(CloseReason.RequestLimit, true, 0)]
    public void A_response_that_another_timeout_would_have_kept_begins_a_gap_of_which_nothing_is_seen(
        CloseReason reason, bool persists, int expected)
    {
        _counters.Open(Start);
        _counters.EndExchange(reason, persists, Start);

        var sums = GapSums.Of([_counters], Start);
        Assert.That((sums.Kept, sums.ByEngine[0]), Is.EqualTo((expected, expected)));
    }

    [TestCase(Halving - 1, 1.0)]
    [TestCase(Halving, 0.5)]
    [TestCase((3 * Halving) + 1, 0.125)]
    [TestCase(5_000 * Halving, 0.0)]
    public void Counts_are_halved_every_ten_minutes_whether_something_happens_or_not(long later, double expected)
    {
        _counters.Open(Start);
        _counters.EndExchange(CloseReason.None, persists: true, Start);
        _counters.EndGap(CloseReason.None, 0, Start);
        _counters.EndExchange(CloseReason.None, persists: true, Start);
        var unwritten = GapSums.Of([_counters], Start + later);
        _counters.Open(Start + later);
        var written = GapSums.Of([_counters], Start + later);

        Assert.That((unwritten.GapCount, unwritten.Requests, unwritten.Kept),
            Is.EqualTo((expected, 2 * expected, 2 * expected)).Within(1e-9));
        Assert.That((written.GapCount, written.Requests, written.Kept),
            Is.EqualTo((expected, 2 * expected, 2 * expected)).Within(1e-9));
        Assert.That(written.ObservedMilliseconds, Is.EqualTo(unwritten.ObservedMilliseconds));
    }

    [Test]
    public void A_rate_that_does_not_change_is_the_same_before_and_after_a_halving()
    {
        _counters.Open(Start);
        long now = Start;
        for (int i = 0; i < 5_000; i++)
        {
            _counters.EndExchange(CloseReason.None, persists: true, now += 100);
            _counters.EndGap(CloseReason.None, 300, now += 300);
        }

        var sums = GapSums.Of([_counters], now);
        Assert.That(sums.Requests / sums.ObservedMilliseconds, Is.EqualTo(1 / 400.0).Within(0.1).Percent);
        Assert.That(sums.BusyMilliseconds / sums.ObservedMilliseconds, Is.EqualTo(0.25).Within(0.1).Percent);
    }

    [Test]
    public void The_loops_of_a_listener_are_added_up()
    {
        var other = new GapCounters(Start);
        _counters.Open(Start);
        other.Open(Start);
        _counters.EndExchange(CloseReason.None, persists: true, Start + 10);
        other.EndGap(CloseReason.None, 20, Start + 10);

        var sums = GapSums.Of([_counters, other], Start + 10);
        Assert.That((sums.Kept, sums.GapCount, sums.BusyMilliseconds, sums.ObservedMilliseconds), Is.EqualTo((1, 1, 20, 10)));
    }

    [Test]
    public void To_count_allocates_nothing()
    {
        Assert.That(Allocated.BytesBy(() =>
        {
            _counters.Open(Start);
            _counters.EndExchange(CloseReason.None, persists: true, Start);
            _counters.EndGap(CloseReason.None, 5, Start + (3 * Halving));
            _counters.Close(Start);
        }), Is.Zero);
    }

    // Each step of the writer keeps two sums equal: a picture in which they differ was taken in the middle of one.
    [Test]
    public void A_picture_shows_no_half_of_a_change()
    {
        bool isEnded = false;
        double work = 0;
        var writer = new Thread(() =>
        {
            for (long now = Start; !Volatile.Read(ref isEnded); now += Halving / 16)
            {
                _counters.EndExchange(CloseReason.Drain, persists: true, now);

                // A loop has other things to do, too.
                for (int i = 0; i < 1_000; i++)
                {
                    work += Math.Sqrt(i);
                }
            }
        });
        writer.Start();
        int unequal = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var sums = GapSums.Of([_counters], Start);
            unequal += sums.Requests == sums.Kept && sums.Kept == sums.GapCount ? 0 : 1;
        }

        Volatile.Write(ref isEnded, true);
        writer.Join();
        Assert.That(unequal, Is.Zero);
    }
}
