using L7Engine.Diagnostics;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>The connections of one pool that wait for a request, each watched and with its deadline.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class IdleConnections(LoopCounters totals, BackendCounts counts, IdleShare share)
{
    private readonly ConnectionList _list = new();

    public BackendConnection? Newest => _list.Newest;

    public BackendConnection? Oldest => _list.Oldest;

    public int Count => _list.Count;

    /// <summary>Adds a connection for which a place was taken.</summary>
    /// <param name="ticks">How long it may wait.</param>
    public void Add(BackendConnection connection, long ticks)
    {
        connection.IsIdle = true;
        connection.Transport.Watcher = connection;
        SetDeadline(connection, ticks);
        _list.Add(connection);
        counts.Idle++;
        totals.Add(LoopCounter.BackendsIdle);
    }

    /// <summary>Takes a connection out of the list, and gives its place back. It is still watched, and still has its
    /// deadline.</summary>
    public void Remove(BackendConnection connection)
    {
        connection.IsIdle = false;
        _list.Remove(connection);
        counts.Idle--;
        share.Release(_list.Count);
        totals.Add(LoopCounter.BackendsIdle, -1);
    }

    /// <summary>Gives all that wait another deadline, counted from when they began to.</summary>
    /// <param name="except">Keeps its own.</param>
    public void SetDeadlines(long ticks, BackendConnection? except)
    {
        for (BackendConnection? connection = _list.Oldest; connection is not null; connection = connection.Newer)
        {
            if (connection != except)
            {
                SetDeadline(connection, ticks);
            }
        }
    }

    public static void SetDeadline(BackendConnection connection, long ticks) =>
        connection.Transport.ReadDeadlineTick =
            TimerWheel.TickAfter(ticks, EventLoop.TickAt(connection.IdleSinceMilliseconds));
}
