using System.Diagnostics;
using System.Net;
using L7Engine.Timing;

namespace L7Engine.Transport;

/// <summary>One thread and everything it owns: connections, timers, buffers. Runs whatever concerns them.</summary>
/// <remarks>
/// All members but <see cref="Post"/> and <see cref="StopAsync"/> belong to the loop's own thread. A turn: wait for
/// events; tell the watchers; run continuations; run the ready list; advance the wheel.
/// </remarks>
internal abstract class EventLoop
{
    /// <summary>Wheel of 1024 buckets: a turn of it is 102 s, longer than the deadlines that are armed most.</summary>
    protected const int WheelBuckets = 1024;

    public const int MillisecondsPerTick = TimerWheel.MillisecondsPerTick;

    /// <summary>Receives that one connection may do in one turn before the others have theirs.</summary>
    public const int ReadsPerTurn = 16;

    private readonly Queue<TransportConnection> _starved = new();
    private readonly Queue<(Action<object?> Work, object? State)> _deferred = new();
    private TransportConnection? _readyFirst;
    private TransportConnection? _readyLast;
    private TransportConnection? _running;

    protected EventLoop(TimerWheel wheel, BlockPool blocks)
    {
        Wheel = wheel;
        Blocks = blocks;
    }

    public TimerWheel Wheel { get; }

    public BlockPool Blocks { get; }

    /// <summary>Loop time in ticks of 100 ms.</summary>
    public long NowTick => Wheel.NowTick;

    /// <summary>Monotonic milliseconds, read once a turn.</summary>
    public long NowMilliseconds { get; protected set; }

    /// <returns>The tick in which the loop's clock showed these milliseconds.</returns>
    public static long TickAt(long milliseconds) => milliseconds / MillisecondsPerTick;

    /// <summary>Counts the turns, so that a budget a turn needs no reset.</summary>
    public int Turn { get; private protected set; }

    /// <summary>Wall-clock time, for the Date field.</summary>
    public abstract DateTimeOffset UtcNow { get; }

    /// <summary>True on the loop's own thread.</summary>
    public abstract bool IsCurrent { get; }

    /// <summary>Told of every exception that came out of a continuation or of posted work: a defect, which costs what
    /// it hit and not the loop. Runs on the loop's thread.</summary>
    public Action<Exception>? Faulted { get; set; }

    /// <summary>How many exceptions that were.</summary>
    public long Faults { get; private set; }

    /// <summary>Told of every turn that took longer than a second, in milliseconds: everything on this loop was that
    /// late. Runs on the loop's thread.</summary>
    public Action<long>? Stalled { get; set; }

    /// <summary>How many turns that were.</summary>
    public long Stalls { get; private set; }

    protected bool HasReady => _readyFirst is not null || _running is not null || _deferred.Count > 0;

    /// <summary>Runs work on the loop, in order. From any thread; wakes the loop.</summary>
    /// <returns>False once the loop has stopped: the work will not run.</returns>
    public abstract bool Post(Action<object?> work, object? state);

    /// <exception cref="System.Net.Sockets.SocketException">The address is in use, or not ours.</exception>
    public abstract TransportListener Listen(IPEndPoint address, ListenSettings settings);

    /// <summary>Opens a connection. Never throws for what the network did.</summary>
    /// <param name="deadlineTick">The tick at which the attempt ends with TimedOut.</param>
    public ValueTask<ConnectResult> ConnectAsync(IPEndPoint address, TcpKeepAlive keepAlive, long deadlineTick) =>
        ConnectAsync(address, keepAlive, deadlineTick, out _);

    /// <summary>Opens a connection that may be given up while it is being opened.</summary>
    /// <param name="opening">
    /// What is being opened; closing it ends the attempt with OperationAborted. Null when it has failed already.
    /// </param>
    /// <inheritdoc cref="ConnectAsync(IPEndPoint, TcpKeepAlive, long)"/>
    public abstract ValueTask<ConnectResult> ConnectAsync(
        IPEndPoint address, TcpKeepAlive keepAlive, long deadlineTick, out TransportConnection? opening);

    /// <summary>Ends the loop's thread once the work posted so far has run. From any thread, more than once.</summary>
    public abstract Task StopAsync();

    /// <summary>Runs work later in this turn or in the next one: for what must not run inside the caller.</summary>
    public void Defer(Action<object?> work, object? state)
    {
        Debug.Assert(IsCurrent);
        _deferred.Enqueue((work, state));
    }

    /// <summary>Puts a connection on the ready list: pumped in this turn or the next, without another event.</summary>
    internal void Schedule(TransportConnection connection)
    {
        Debug.Assert(IsCurrent);
        if (connection.IsOnReadyList)
        {
            return;
        }

        connection.IsOnReadyList = true;
        connection.NextReady = null;
        if (_readyLast is null)
        {
            _readyFirst = connection;
        }
        else
        {
            _readyLast.NextReady = connection;
        }

        _readyLast = connection;
    }

    /// <summary>Takes a block, or remembers that the connection wants one when the budget is spent.</summary>
    internal Block? RentFor(TransportConnection connection, int minBytes)
    {
        Block? block = Blocks.TryRent(minBytes);
        if (block is null)
        {
            if (!connection.IsStarved)
            {
                _starved.Enqueue(connection);
            }

            connection.StarvedForBytes = minBytes;
        }

        return block;
    }

    internal void Return(Block block)
    {
        Blocks.Return(block);
        WakeStarved();
    }

    /// <summary>Takes a block out of the count that will not come back.</summary>
    internal void Forget(Block block)
    {
        Blocks.Forget(block);
        WakeStarved();
    }

    /// <summary>Runs what is deferred and pumps what is on the ready list now; what is added meanwhile waits for the
    /// next call.</summary>
    protected void RunReady()
    {
        for (int left = _deferred.Count; left > 0; left--)
        {
            (Action<object?> work, object? state) = _deferred.Dequeue();
            work(state);
        }

        // After an exception the rest of the list is still there, and has its turn first.
        if (_running is null)
        {
            _running = _readyFirst;
            (_readyFirst, _readyLast) = (null, null);
        }

        while (_running is { } connection)
        {
            _running = connection.NextReady;
            connection.NextReady = null;
            connection.IsOnReadyList = false;
            connection.Pump();
        }

        // Who was woken last may not have needed the block any more.
        WakeStarved();
    }

    private void WakeStarved()
    {
        while (_starved.TryPeek(out TransportConnection? waiting)
            && (waiting.IsClosed || Blocks.CanRent(waiting.StarvedForBytes)))
        {
            _starved.Dequeue();
            waiting.StarvedForBytes = 0;
            if (!waiting.IsClosed)
            {
                Schedule(waiting);
                return;
            }
        }
    }

    /// <summary>Counts a turn that took too long, and tells of it.</summary>
    protected void ReportStall(long milliseconds)
    {
        Stalls++;
        Stalled?.Invoke(milliseconds);
    }

    /// <summary>Counts an exception and tells of it.</summary>
    protected void Report(Exception exception)
    {
        Faults++;
        Faulted?.Invoke(exception);
    }
}
