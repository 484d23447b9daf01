namespace L7Engine.Timing;

/// <summary>
/// Something with one deadline at a time. Allocated with its owner, linked into one bucket of a wheel.
/// </summary>
/// <remarks>Not thread-safe: the thread that owns the wheel owns its entries.</remarks>
internal abstract class TimerEntry
{
    internal TimerEntry? Next;
    internal TimerEntry? Previous;

    /// <summary>The tick whose bucket holds this entry. While it is linked, never later than its due tick.</summary>
    internal long LinkedTick;

    /// <summary>
    /// The tick before which this entry does not run; <see cref="TimerWheel.Never"/> without deadline.
    /// </summary>
    public long DueTick { get; internal set; } = TimerWheel.Never;

    /// <summary>Linked into a bucket. An entry cancelled lazily stays so until the sweep meets it.</summary>
    public bool IsScheduled => Next is not null;

    /// <summary>
    /// Runs on the wheel's thread, unlinked and without deadline: it may arm itself or any other again.
    /// </summary>
    protected internal abstract void OnDue();
}
