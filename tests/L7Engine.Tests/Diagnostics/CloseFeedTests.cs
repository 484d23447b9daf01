using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

/// <summary>Closes on their way to those who subscribed.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CloseFeedTests
{
    private readonly CloseLedger[] _ledgers = [new(4), new(0)];
    private readonly CloseSubscribers _subscribers = new(loops: 2);

    public CloseFeedTests() => _subscribers.Attach(_ledgers);

    [Test]
    public void A_subscriber_is_told_of_what_comes_after_it_in_order_of_time_over_the_loops()
    {
        Enter(loop: 0, number: 1);
        using LedgerSubscription reader = _subscribers.Add(capacity: 8);
        Enter(0, 2);
        Enter(1, 3);
        Enter(1, 5);
        Enter(0, 4);

        Assert.That(NumbersOf(reader), Is.EqualTo([2, 3, 4, 5]));
        Assert.That(reader.Lost, Is.Zero);
    }

    [Test]
    public void What_does_not_fit_is_lost_and_counted_and_the_next_that_fits_is_told([Range(1, 5)] int capacity)
    {
        using LedgerSubscription reader = _subscribers.Add(capacity);
        for (int number = 1; number <= 7; number++)
        {
            Enter(0, number);
        }

        Assert.That(NumbersOf(reader), Is.EqualTo(Enumerable.Range(1, capacity)));
        Assert.That(reader.Lost, Is.EqualTo(7 - capacity));
        Enter(0, 8);
        Assert.That(NumbersOf(reader), Is.EqualTo([8]));
    }

    [Test]
    public void Each_subscriber_is_told_of_everything()
    {
        using LedgerSubscription first = _subscribers.Add(2);
        using LedgerSubscription second = _subscribers.Add(2);
        Enter(0, 1);

        Assert.That((NumbersOf(first).Single(), NumbersOf(second).Single()), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_disposed_subscription_gives_what_waits_and_ends()
    {
        LedgerSubscription reader = _subscribers.Add(4);
        Enter(0, 1);
        reader.Dispose();
        Enter(0, 2);

        Assert.That(_ledgers.Select(l => l.Feeds), Is.All.Null, "nobody is left who pays for it");
        Assert.That(await AllOf(reader), Is.EqualTo([1]));
    }

    [Test]
    public async Task The_end_of_the_engine_ends_it_once_all_was_read()
    {
        using LedgerSubscription reader = _subscribers.Add(4);
        Enter(1, 1);
        _subscribers.End();

        Assert.That(await AllOf(reader), Is.EqualTo([1]));
        Assert.That(() => _subscribers.Add(4), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Who_waits_is_woken_by_each_loop_and_by_the_end()
    {
        using LedgerSubscription reader = _subscribers.Add(4);
        Task<List<int>> all = AllOf(reader);
        Enter(0, 1);
        Enter(1, 2);
        _subscribers.End();

        Assert.That(await all.WaitAsync(TimeSpan.FromMinutes(2)), Is.EqualTo([1, 2]));
    }

    [Test]
    public void Waiting_can_be_cancelled()
    {
        using LedgerSubscription reader = _subscribers.Add(4);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(
            async () => await AllOf(reader, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void To_tell_allocates_nothing_on_the_loop()
    {
        using LedgerSubscription reader = _subscribers.Add(1_000);
        Enter(0, 1);

        Assert.That(
            Allocated.BytesBy(() =>
            {
                for (int i = 2; i < 100; i++)
                {
                    Enter(0, i);
                }
            }),
            Is.Zero);
    }

    // Two loops add as fast as they can, and a reader takes: nothing is doubled, and what is missing is counted.
    [Test]
    public async Task Of_what_two_loops_add_at_once_each_close_is_told_or_counted([Values(1, 7, 1024)] int capacity)
    {
        const int Closes = 50_000;
        using LedgerSubscription reader = _subscribers.Add(capacity);
        Task<List<int>> all = Task.Run(() => AllOf(reader));
        Task[] loops = [.. Enumerable.Range(0, 2).Select(loop => Task.Run(() => EnterMany(loop, Closes)))];
        await Task.WhenAll(loops);
        _subscribers.End();
        List<int> told = await all.WaitAsync(TimeSpan.FromMinutes(2));

        Assert.That(told.Count + reader.Lost, Is.EqualTo(2 * Closes));
        foreach (int loop in (int[])[0, 1])
        {
            Assert.That(told.Where(n => n % 2 == loop), Is.Ordered.And.Unique);
        }
    }

    private void EnterMany(int loop, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Enter(loop, (2 * i) + loop);
        }
    }

    private void Enter(int loop, int number) => _ledgers[loop].Enter(new CloseEntry
    {
        Side = ConnectionSide.Client,
        Cause = CloseReason.IdleTimeout,
        ClosedAtUtcTicks = number,
        RequestCount = number,
    });

    private static List<int> NumbersOf(LedgerSubscription reader)
    {
        List<int> numbers = [];
        while (reader.TryRead(out CloseRecord? close))
        {
            numbers.Add(close.RequestCount);
        }

        return numbers;
    }

    private static async Task<List<int>> AllOf(LedgerSubscription reader, CancellationToken cancellationToken = default)
    {
        List<int> numbers = [];
        await foreach (CloseRecord close in reader.WithCancellation(cancellationToken))
        {
            numbers.Add(close.RequestCount);
        }

        return numbers;
    }
}
