using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CloseLedgerTests
{
    private readonly CloseLedger _ledger = new(capacity: 4);

    [Test]
    public void The_newest_entry_comes_first([Range(0, 10)] int closes)
    {
        EnterNumbered(_ledger, closes);

        Assert.That(NewestOf(_ledger, room: 4), Is.EqualTo(Enumerable.Range(1, closes).Reverse().Take(4)));
    }

    [Test]
    public void No_more_is_copied_than_there_is_room_for([Range(0, 5)] int room)
    {
        EnterNumbered(_ledger, 6);

        Assert.That(NewestOf(_ledger, room), Is.EqualTo(Enumerable.Range(3, 4).Reverse().Take(room)));
    }

    [Test]
    public void A_count_outlives_the_entries()
    {
        EnterNumbered(_ledger, 1_000);

        Assert.That(_ledger.CountOf(ConnectionSide.Client, CloseReason.IdleTimeout), Is.EqualTo(1_000));
    }

    [Test]
    public void Each_side_and_each_reason_has_a_count_of_its_own()
    {
        foreach (CloseReason reason in Enum.GetValues<CloseReason>().Skip(1))
        {
            _ledger.Enter(new CloseEntry { Side = ConnectionSide.Backend, Cause = reason });
        }

        using (Assert.EnterMultipleScope())
        {
            foreach (CloseReason reason in Enum.GetValues<CloseReason>().Skip(1))
            {
                Assert.That(_ledger.CountOf(ConnectionSide.Backend, reason), Is.EqualTo(1), $"{reason}");
                Assert.That(_ledger.CountOf(ConnectionSide.Client, reason), Is.Zero, $"{reason}");
            }
        }
    }

    [Test]
    public void A_ledger_without_room_still_counts()
    {
        var ledger = new CloseLedger(capacity: 0);

        EnterNumbered(ledger, 3);

        Assert.That(ledger.EntryCount, Is.Zero);
        Assert.That(ledger.CountOf(ConnectionSide.Client, CloseReason.IdleTimeout), Is.EqualTo(3));
    }

    [Test]
    public void An_entry_allocates_nothing()
    {
        EnterNumbered(_ledger, 1);

        Assert.That(Allocated.BytesBy(() => EnterNumbered(_ledger, 100)), Is.Zero);
    }

    private static void EnterNumbered(CloseLedger ledger, int closes)
    {
        for (int number = 1; number <= closes; number++)
        {
            ledger.Enter(new CloseEntry
            {
                Side = ConnectionSide.Client,
                Cause = CloseReason.IdleTimeout,
                RequestCount = number,
            });
        }
    }

    private static IEnumerable<int> NewestOf(CloseLedger ledger, int room)
    {
        var entries = new CloseEntry[room];
        int count = ledger.CopyNewest(entries);
        return entries.Take(count).Select(e => e.RequestCount);
    }
}
