using System.Diagnostics;

namespace L7Engine.Diagnostics;

/// <summary>Why connections were closed: a count of each reason for ever, and the newest closes one by one.</summary>
/// <remarks>
/// One loop writes, and it alone reads entries. Counts may be read from any thread: there is one writer, so a plain
/// addition published by a volatile write loses nothing.
/// </remarks>
/// <param name="capacity">Entries kept; the oldest is overwritten. 0 keeps counts alone.</param>
internal sealed class CloseLedger(int capacity)
{
    private static readonly int ReasonCount = Enum.GetValues<CloseReason>().Length;

    private readonly CloseEntry[] _entries = new CloseEntry[capacity];
    private readonly long[] _clientCloses = new long[ReasonCount];
    private readonly long[] _backendCloses = new long[ReasonCount];
    private volatile CloseFeed[]? _feeds;
    private int _next;

    /// <summary>Entries that <see cref="CopyNewest(Span{CloseEntry})"/> can give.</summary>
    public int EntryCount { get; private set; }

    /// <summary>Who is told of each close; null when nobody is. Set from any thread.</summary>
    public CloseFeed[]? Feeds
    {
        get => _feeds;
        set => _feeds = value;
    }

    public void Enter(in CloseEntry entry)
    {
        Debug.Assert(entry.Reason != CloseReason.None, "A connection is closed for a reason.");
        ref long closes = ref CountsOf(entry.Side)[(int)entry.Reason];
        Volatile.Write(ref closes, closes + 1);
        if (_entries.Length > 0)
        {
            _entries[_next] = entry;
            _next = _next + 1 == _entries.Length ? 0 : _next + 1;
            EntryCount = Math.Min(EntryCount + 1, _entries.Length);
        }

        if (_feeds is { } feeds)
        {
            foreach (CloseFeed feed in feeds)
            {
                feed.Add(entry);
            }
        }
    }

    /// <summary>How many connections of one side were closed for one reason. From any thread.</summary>
    public long CountOf(ConnectionSide side, CloseReason reason) => Volatile.Read(ref CountsOf(side)[(int)reason]);

    /// <summary>Copies the newest entries, the newest first.</summary>
    /// <returns>How many were copied: as many as there are, or as fit.</returns>
    public int CopyNewest(Span<CloseEntry> destination)
    {
        int count = Math.Min(EntryCount, destination.Length);
        int from = _next;
        for (int i = 0; i < count; i++)
        {
            from = from == 0 ? _entries.Length - 1 : from - 1;
            destination[i] = _entries[from];
        }

        return count;
    }

    /// <summary>The newest entries, the newest first.</summary>
    public CloseEntry[] CopyNewest(int max)
    {
        var newest = new CloseEntry[Math.Min(max, EntryCount)];
        CopyNewest(newest);
        return newest;
    }

    private long[] CountsOf(ConnectionSide side) => side == ConnectionSide.Client ? _clientCloses : _backendCloses;
}
