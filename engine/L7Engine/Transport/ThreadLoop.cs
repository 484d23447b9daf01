using L7Engine.Timing;

namespace L7Engine.Transport;

/// <summary>A loop on a thread of its own: the order of a turn, posted work, the clock, the end.</summary>
/// <remarks>
/// How events are waited for is the deriving type's. A class and not a part of it, because a connection finds its loop
/// and its poller through one reference.
/// </remarks>
internal abstract class ThreadLoop : EventLoop
{
    private const int TrimMilliseconds = 1000;
    private const int StallMilliseconds = 1000;

    // Enough for any orderly end; what goes on for ever must not keep the thread.
    private const int MaxLastTurns = 1000;

    private readonly TimeProvider _time;
    private readonly PostQueue _queue;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _utcNow;
    private int _utcTurn = -1;
    private long _trimmedAt;
    private bool _mayTrim;
    private bool _isStopping;

    protected ThreadLoop(LoopSettings settings)
        : base(
            new TimerWheel(WheelBuckets, Read(settings.Time) / MillisecondsPerTick),
            new BlockPool(settings.BufferBytes))
    {
        _time = settings.Time;
        NowMilliseconds = _trimmedAt = Read(_time);
        _queue = new PostQueue(Wake);

        // In the background: a process that forgets to stop its loops can still end.
        _thread = new Thread(Run) { Name = $"l7engine loop {settings.Index}", IsBackground = true };
    }

    public sealed override DateTimeOffset UtcNow
    {
        get
        {
            if (_utcTurn != Turn)
            {
                (_utcTurn, _utcNow) = (Turn, _time.GetUtcNow());
            }

            return _utcNow;
        }
    }

    public sealed override bool IsCurrent => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    public sealed override bool Post(Action<object?> work, object? state) => _queue.Add(work, state, IsCurrent);

    public sealed override Task StopAsync()
    {
        Post(static loop => ((ThreadLoop)loop!)._isStopping = true, this);
        return _ended.Task;
    }

    public void Start() => _thread.UnsafeStart();

    /// <summary>Waits until there are events, or for so long; -1 for no limit, 0 for not at all.</summary>
    /// <returns>How many there are.</returns>
    protected abstract int Wait(int timeoutMilliseconds);

    /// <summary>Tells the connection of an event what happened; runs no continuation.</summary>
    protected abstract void Note(int index);

    /// <summary>Runs whoever waits for what happened.</summary>
    protected abstract void Pump(int index);

    /// <summary>Ends the wait that goes on, or the next one. From any thread.</summary>
    protected abstract void Wake();

    /// <summary>Closes all connections and listeners.</summary>
    protected abstract void CloseAll();

    /// <summary>Lets go of what events are waited for with: the last call.</summary>
    protected abstract void Release();

    private static long Read(TimeProvider time) => time.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMillisecond;

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new LoopSynchronizationContext(this));
        ExecutionContext.SuppressFlow();
        while (!_isStopping)
        {
            RunTurn(Wait(FinishTurn()));
        }

        End();
        _ended.SetResult();
    }

    private void RunTurn(int events)
    {
        // The clock first: what an event arms counts from when it came, not from when the loop went to sleep. What is
        // due runs last: bytes that came in time are not late because the loop was.
        Turn++;
        NowMilliseconds = Read(_time);
        Wheel.MoveClockTo(NowMilliseconds / MillisecondsPerTick);
        for (int i = 0; i < events; i++)
        {
            Guard(static (loop, i) => loop.Note(i), i);
        }

        Guard(static (loop, _) => loop.RunReady(), 0);
        for (int i = 0; i < events; i++)
        {
            Guard(static (loop, i) => loop.Pump(i), i);
        }

        RunPosted();
        Guard(static (loop, _) => loop.Wheel.AdvanceTo(loop.Wheel.NowTick), 0);
        _mayTrim |= events > 0;
    }

    // An exception here is a defect of the engine or of the embedder's code: it costs what it hit, not the loop.
    private void Guard(Action<ThreadLoop, int> step, int index)
    {
        try
        {
            step(this, index);
        }
        catch (Exception exception)
        {
            Report(exception);
        }
    }

    private void RunPosted()
    {
        foreach ((Action<object?> work, object? state) in _queue.Take())
        {
            try
            {
                work(state);
            }
            catch (Exception exception)
            {
                Report(exception);
            }
        }
    }

    /// <returns>How long to wait for the next one.</returns>
    private int FinishTurn()
    {
        long now = Read(_time);
        if (now - NowMilliseconds > StallMilliseconds)
        {
            ReportStall(now - NowMilliseconds);
        }

        if (_mayTrim && now - _trimmedAt >= TrimMilliseconds)
        {
            _trimmedAt = now;
            _mayTrim = Blocks.Trim();
        }

        if (HasReady || _queue.HasWork)
        {
            return 0;
        }

        long nextTickAt = (Wheel.NowTick + 1) * MillisecondsPerTick;
        return Wheel.Count > 0 ? (int)Math.Max(0, nextTickAt - now)
            : _mayTrim ? TrimMilliseconds
            : Timeout.Infinite;
    }

    private void End()
    {
        int quietTurns = 0;
        for (int turn = 0; turn < MaxLastTurns; turn++)
        {
            Guard(static (loop, _) => loop.CloseAll(), 0);
            RunTurn(events: 0);
            quietTurns = HasReady ? 0 : quietTurns + 1;

            // Two of them: what ends may open another connection, and that one is closed in the next.
            if (quietTurns > 1 && _queue.TryClose())
            {
                break;
            }
        }

        _queue.Close();
        Release();
    }
}
