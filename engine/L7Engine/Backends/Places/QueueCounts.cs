namespace L7Engine.Backends.Places;

/// <summary>What the queue of one group has counted, over all loops.</summary>
/// <remarks>Thread-safe: each number for itself.</remarks>
internal sealed class QueueCounts
{
    private long _entered;
    private long _timedOut;
    private long _refused;
    private long _left;
    private long _longestMilliseconds;

    /// <summary>Requests that had to wait.</summary>
    public long Entered => Volatile.Read(ref _entered);

    public long TimedOut => Volatile.Read(ref _timedOut);

    /// <summary>Those that were not let in, or had to make room for another client's.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Those whose client has gone, or was given up.</summary>
    public long Left => Volatile.Read(ref _left);

    /// <summary>The longest wait so far, whatever came of it.</summary>
    public long LongestMilliseconds => Volatile.Read(ref _longestMilliseconds);

    public void NoteEntered() => Interlocked.Increment(ref _entered);

    /// <summary>Takes note of how a wait has ended.</summary>
    public void NoteEnd(QueueStep how, long waitedMilliseconds)
    {
        switch (how)
        {
            case QueueStep.TimedOut:
                Interlocked.Increment(ref _timedOut);
                break;
            case QueueStep.Refused:
                Interlocked.Increment(ref _refused);
                break;
            case QueueStep.Left:
                Interlocked.Increment(ref _left);
                break;
        }

        long longest = LongestMilliseconds;
        while (waitedMilliseconds > longest)
        {
            long before = Interlocked.CompareExchange(ref _longestMilliseconds, waitedMilliseconds, longest);
            longest = before == longest ? waitedMilliseconds : before;
        }
    }
}
