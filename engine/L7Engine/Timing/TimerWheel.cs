using System.Diagnostics;

namespace L7Engine.Timing;

/// <summary>A hashed timer wheel: arm, cancel and postpone in O(1), one bucket visited a tick.</summary>
/// <remarks>
/// Not thread-safe: one thread owns it. Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", scheme 6,
/// made lazy: a deadline that moves later, as every activity on a connection moves it, is one store. Its link stays
/// where it is, too early, and the sweep that meets it there links it again.
/// </remarks>
/// <param name="bucketCount">A power of two. Entries due further off than this many ticks share buckets.</param>
/// <param name="nowTick">The tick that the clock shows.</param>
internal sealed class TimerWheel(int bucketCount, long nowTick)
{
    /// <summary>The due tick of what has no deadline.</summary>
    public const long Never = long.MaxValue;

    /// <summary>A tick is 100 ms.</summary>
    public const int TicksPerSecond = 10;

    public const int MillisecondsPerTick = 1_000 / TicksPerSecond;

    private const long TimeSpanTicksPerTick = TimeSpan.TicksPerSecond / TicksPerSecond;

    private readonly Bucket[] _buckets = EmptyBuckets(bucketCount);
    private readonly Bucket _due = new();
    private long _sweptTick = nowTick;

    /// <summary>The last tick that the clock has reached.</summary>
    public long NowTick { get; private set; } = nowTick;

    /// <summary>Entries linked, those included that were cancelled and not met by a sweep yet.</summary>
    public int Count { get; private set; }

    /// <summary>The ticks that <paramref name="duration"/> takes, rounded up so that nothing is early.</summary>
    /// <returns><see cref="Never"/> for <see cref="Timeout.InfiniteTimeSpan"/>.</returns>
    public static long TicksOf(TimeSpan duration)
    {
        if (duration == Timeout.InfiniteTimeSpan)
        {
            return Never;
        }

        Debug.Assert(duration >= TimeSpan.Zero, "Durations are checked when the configuration is.");
        (long whole, long rest) = Math.DivRem(duration.Ticks, TimeSpanTicksPerTick);
        return rest > 0 ? whole + 1 : whole;
    }

    /// <summary>
    /// The tick to arm for what must not happen before <paramref name="ticks"/> have passed from here.
    /// </summary>
    /// <remarks>One more than the sum: an unknown part of the current tick is over already.</remarks>
    public long TickAfter(long ticks) => TickAfter(ticks, NowTick);

    /// <summary>The same, counted from what happened in another tick than this one.</summary>
    public static long TickAfter(long ticks, long fromTick) =>
        ticks < Never - fromTick - 1 ? fromTick + 1 + ticks : Never;

    /// <summary>Gives the entry a new deadline in place of the one it has, if any.</summary>
    /// <param name="dueTick">
    /// The tick that has to be reached first; one that is over counts as the next, so that nothing ever runs inside
    /// this call. <see cref="Never"/> cancels: the entry stays linked until the sweep meets it, and does not run.
    /// </param>
    public void Arm(TimerEntry entry, long dueTick)
    {
        entry.DueTick = Math.Max(dueTick, NowTick + 1);
        if (entry.IsScheduled)
        {
            if (entry.DueTick >= entry.LinkedTick)
            {
                return;
            }

            Unlink(entry);
        }

        if (entry.DueTick != Never)
        {
            Link(entry);
        }
    }

    /// <summary>Cancels and unlinks at once: nothing of the wheel points to the entry afterwards.</summary>
    public void Remove(TimerEntry entry)
    {
        entry.DueTick = Never;
        if (entry.IsScheduled)
        {
            Unlink(entry);
        }
    }

    /// <summary>Moves the clock and runs nothing: what is armed from here on counts from there.</summary>
    public void MoveClockTo(long nowTick)
    {
        Debug.Assert(nowTick >= NowTick, "The clock is monotonic.");
        NowTick = nowTick;
    }

    /// <summary>Moves the clock to <paramref name="nowTick"/> and runs what is due.</summary>
    /// <returns>How many entries ran.</returns>
    public int AdvanceTo(long nowTick)
    {
        MoveClockTo(nowTick);

        // Usually nothing: the rest of a bucket whose sweep was ended by an exception.
        int ran = RunDue();

        // After a jump past a whole turn each bucket is due once, not once a turn.
        long lastTick = Math.Min(nowTick, _sweptTick + _buckets.Length);
        while (_sweptTick < lastTick)
        {
            _sweptTick++;
            BucketOf(_sweptTick).SpliceTo(_due);
            ran += RunDue();
        }

        _sweptTick = nowTick;
        return ran;
    }

    private int RunDue()
    {
        // The bucket was taken whole: an entry that is linked into it again must not be met twice in one sweep. It
        // stays a ring and its first is popped until none is left, so that an entry that runs may cancel or move any
        // other, its neighbour included.
        int ran = 0;
        while (!_due.IsEmpty)
        {
            TimerEntry entry = _due.Next!;
            Unlink(entry);
            if (entry.DueTick <= NowTick)
            {
                entry.DueTick = Never;
                entry.OnDue();
                ran++;
            }
            else if (entry.DueTick != Never)
            {
                Link(entry);
            }
        }

        return ran;
    }

    private void Link(TimerEntry entry)
    {
        entry.LinkedTick = entry.DueTick;
        BucketOf(entry.LinkedTick).Add(entry);
        Count++;
    }

    private void Unlink(TimerEntry entry)
    {
        Bucket.Unlink(entry);
        Count--;
    }

    private Bucket BucketOf(long tick) => _buckets[tick & (_buckets.Length - 1)];

    private static Bucket[] EmptyBuckets(int count)
    {
        Debug.Assert(int.IsPow2(count), "Buckets are found by a mask.");
        var buckets = new Bucket[count];
        for (int i = 0; i < count; i++)
        {
            buckets[i] = new Bucket();
        }

        return buckets;
    }
}
