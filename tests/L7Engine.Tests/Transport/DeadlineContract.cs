using System.IO.Pipelines;
using L7Engine.Timing;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>Deadlines: never early, and heard by whoever can do something about them.</summary>
internal abstract class DeadlineContract : TransportContract
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1) / TimerWheel.TicksPerSecond;

    /// <summary>Far less than a slow reader takes for everything, and not less than the transport can tell.</summary>
    protected virtual int GapOfSlowReader => 5;

    [Test]
    public void A_read_that_waits_ends_canceled_at_its_deadline_and_not_before() => Run(async (near, far) =>
    {
        DateTimeOffset start = near.Loop.UtcNow;
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(3);

        ReadResult read = await near.Input.ReadAsync();

        Assert.That((read.IsCanceled, read.IsCompleted), Is.EqualTo((true, false)));
        Assert.That(near.Loop.UtcNow - start, Is.GreaterThanOrEqualTo(3 * Tick));
        await far.Output.WriteAsync("x"u8.ToArray());
        Assert.That(await ReadAsync(near, 1), Is.EqualTo("x"u8.ToArray()), "the connection lives on");
    });

    [Test]
    public void A_deadline_counts_from_now_however_long_the_loop_has_slept() => Run(async (near, far) =>
    {
        Task<ReadResult> asleep = StartRead(far);
        await LoopDelay.Of(near.Loop, 5);
        await near.Output.WriteAsync("x"u8.ToArray());
        far.Input.AdvanceTo((await asleep).Buffer.End);
        DateTimeOffset start = near.Loop.UtcNow;
        far.ReadDeadlineTick = far.Loop.Wheel.TickAfter(2);

        await far.Input.ReadAsync();

        Assert.That(near.Loop.UtcNow - start, Is.GreaterThanOrEqualTo(2 * Tick));
    });

    [Test]
    public void A_deadline_that_was_moved_counts_from_where_it_was_moved_to() => Run(async (near, _) =>
    {
        DateTimeOffset start = near.Loop.UtcNow;
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(1);
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(4);

        await near.Input.ReadAsync();

        Assert.That(near.Loop.UtcNow - start, Is.GreaterThanOrEqualTo(4 * Tick));
    });

    [Test]
    public void A_deadline_that_was_taken_back_ends_nothing() => Run(async (near, _) =>
    {
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(1);
        Task<ReadResult> read = StartRead(near);
        near.ReadDeadlineTick = TimerWheel.Never;
        await LoopDelay.Of(near.Loop, 4);

        Assert.That(read.IsCompleted, Is.False);
    });

    [Test]
    public void A_deadline_with_no_read_waiting_is_told_to_the_watcher() => Run(async (near, _) =>
    {
        var log = new WatcherLog();
        near.Watcher = log;
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(1);
        await LoopDelay.Of(near.Loop, 4);

        Assert.That(log.Events, Is.EqualTo(new[] { ConnectionEvent.Deadline }));
    });

    [Test]
    public void A_write_ends_canceled_when_the_peer_takes_nothing_for_the_gap() => Run(async (near, far) =>
    {
        near.WriteClock = new WriteClock(3);
        DateTimeOffset start;
        FlushResult flushed;
        do
        {
            // The first time the kernel on the other side may yet find room.
            start = near.Loop.UtcNow;
            flushed = await Fill(near).Write;
        }
        while (flushed is { IsCanceled: false, IsCompleted: false });

        Assert.That((flushed.IsCanceled, flushed.IsCompleted), Is.EqualTo((true, false)));
        Assert.That(near.Loop.UtcNow - start, Is.GreaterThanOrEqualTo(3 * Tick));
    });

    // Where the machine lets the reader stand still, it is one that takes nothing: that says nothing of slow ones.
    [Test]
    public void A_slow_reader_is_not_one_that_takes_nothing() => Run(async (near, far) =>
    {
        (bool isCanceled, long longestGap) = await WriteToSlowReaderAsync(near, far);
        while (isCanceled && longestGap > 2)
        {
            (near, far) = await OpenPairAsync(near.Loop);
            (isCanceled, longestGap) = await WriteToSlowReaderAsync(near, far);
            near.Close();
            far.Close();
        }

        Assert.That(isCanceled, Is.False);
    });

    [Test]
    public void A_deadline_of_a_connection_that_was_closed_is_not_heard() => Run(async (near, _) =>
    {
        var log = new WatcherLog();
        near.Watcher = log;
        near.ReadDeadlineTick = near.Loop.Wheel.TickAfter(1);
        near.Close();
        await LoopDelay.Of(near.Loop, 3);

        Assert.That(log.Events, Is.Empty);
    });

    /// <returns>Whether the write was canceled, and the most ticks between two turns of the reader.</returns>
    private async Task<(bool IsCanceled, long LongestGap)> WriteToSlowReaderAsync(
        TransportConnection near, TransportConnection far)
    {
        near.WriteClock = new WriteClock(GapOfSlowReader);
        (Task<FlushResult> write, long bytes) = Fill(near);
        Task<bool> writing = EndAsync();
        long slice = Math.Max(bytes / 16, 1);
        (long left, long longestGap) = (bytes, 0);
        while (left > 0 && !near.IsClosed)
        {
            long turn = near.Loop.Wheel.NowTick;
            left -= (await ReadAsync(far, (int)Math.Min(left, slice))).Length;
            await LoopDelay.Of(near.Loop, bytes / 16 > left ? 0 : 1);
            longestGap = Math.Max(longestGap, near.Loop.Wheel.NowTick - turn);
        }

        return (await writing, longestGap);

        async Task<bool> EndAsync()
        {
            FlushResult ended = await write;
            if (ended.IsCanceled)
            {
                near.Close();
            }

            return ended.IsCanceled;
        }
    }
}
