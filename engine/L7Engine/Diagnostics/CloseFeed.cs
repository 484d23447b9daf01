namespace L7Engine.Diagnostics;

/// <summary>The closes of one loop on their way to one reader: a ring without a lock.</summary>
/// <remarks>One loop adds and never waits; one reader at a time takes.</remarks>
/// <param name="capacity">Entries that wait for the reader; what comes past it is lost and counted.</param>
/// <param name="reader">Woken when something was added.</param>
internal sealed class CloseFeed(int capacity, CloseBell reader)
{
    private readonly CloseEntry[] _ring = new CloseEntry[capacity];
    private long _added;
    private long _taken;
    private long _lost;

    public long Lost => Volatile.Read(ref _lost);

    public void Add(in CloseEntry entry)
    {
        long added = _added;
        if (added - Volatile.Read(ref _taken) == _ring.Length)
        {
            Volatile.Write(ref _lost, _lost + 1);
            return;
        }

        _ring[added % _ring.Length] = entry;
        Volatile.Write(ref _added, added + 1);
        reader.Ring();
    }

    /// <summary>When the entry that waits longest was made, in ticks of UTC; null when none waits.</summary>
    public long? FirstUtcTicks =>
        _taken < Volatile.Read(ref _added) ? _ring[_taken % _ring.Length].ClosedAtUtcTicks : null;

    /// <summary>Takes the entry that waits longest. One must wait.</summary>
    public CloseEntry Take()
    {
        CloseEntry entry = _ring[_taken % _ring.Length];
        Volatile.Write(ref _taken, _taken + 1);
        return entry;
    }
}
