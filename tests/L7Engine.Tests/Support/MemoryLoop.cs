using System.Diagnostics;
using System.Net;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>A loop of a network in memory. Its turns are steps of the simulation.</summary>
/// <remarks>
/// It has no synchronization context: with one, what awaits a task outside of the loop would go on in the thread pool.
/// </remarks>
internal sealed class MemoryLoop : EventLoop
{
    private const long TicksPerWheelTick = TimeSpan.TicksPerSecond / TimerWheel.TicksPerSecond;

    private readonly SimNetwork _network;
    private readonly SimActor _actor;
    private readonly Queue<(Action<object?> Work, object? State)> _posted = new();
    private readonly List<MemoryListener> _listeners = [];
    private readonly List<MemoryConnection> _batch = [];
    private readonly List<MemoryConnection> _events = [];
    private readonly HashSet<MemoryConnection> _connections = [];
    private TaskCompletionSource? _stopped;
    private long _stalledUntil;
    private bool _isStopping;
    private bool _isStopped;

    public MemoryLoop(SimNetwork network, long budgetBytes)
        : base(new TimerWheel(WheelBuckets, network.Scheduler.Now / TicksPerWheelTick), new BlockPool(budgetBytes))
    {
        _network = network;
        _actor = new SimActor(RunTurn);
        NowMilliseconds = network.Scheduler.Now / TimeSpan.TicksPerMillisecond;
    }

    public override DateTimeOffset UtcNow => _network.Clock.GetUtcNow();

    public override bool IsCurrent => _network.Current == this;

    /// <summary>Connections that are open or being opened.</summary>
    public IReadOnlyCollection<MemoryConnection> Connections => _connections;

    public IReadOnlyList<MemoryListener> Listeners => _listeners;

    /// <summary>How often it has finished sending while bytes of the other side had reached the socket.</summary>
    public int FinsBeforeUnread { get; set; }

    /// <summary>The address that its connections come from.</summary>
    public IPAddress LocalAddress { get; set; } = IPAddress.Loopback;

    /// <summary>Called before each use of a connection that a caller begins: it may throw, as a bug would. What goes on
    /// after a wait is not asked.</summary>
    public Action? OnUse { get; set; }

    /// <summary>Does something on the loop at once: for tests, which are not on it.</summary>
    public void Do(Action action)
    {
        using NoContext _ = NoContext.Enter();
        Enter();
        try
        {
            ReadClock();
            action();
        }
        finally
        {
            _network.Current = null;
            WakeAgain();
        }
    }

    /// <inheritdoc cref="Do(Action)"/>
    public T Do<T>(Func<T> function)
    {
        T result = default!;
        Do(() => { result = function(); });
        return result;
    }

    /// <summary>Takes no turn for so long, as when something blocks its thread; the world goes on.</summary>
    public void StallFor(TimeSpan duration)
    {
        _stalledUntil = _network.Scheduler.Now + duration.Ticks;
        ReportStall((long)duration.TotalMilliseconds);
    }

    public override bool Post(Action<object?> work, object? state)
    {
        if (_isStopped)
        {
            return false;
        }

        _posted.Enqueue((work, state));
        _network.Scheduler.Wake(_actor);
        return true;
    }

    public override TransportListener Listen(IPEndPoint address, ListenSettings settings)
    {
        var listener = new MemoryListener(this, _network, address, settings);
        _listeners.Add(listener);
        return listener;
    }

    public override ValueTask<ConnectResult> ConnectAsync(
        IPEndPoint address, TcpKeepAlive keepAlive, long deadlineTick, out TransportConnection? opening)
    {
        opening = null;
        OnUse?.Invoke();
        SimSocket socket = _network.OpenSocket(address, LocalAddress, out int error);
        if (error != 0)
        {
            return new ValueTask<ConnectResult>(new ConnectResult(null, ErrorNumber.ToSocketError(error)));
        }

        var connection = new MemoryConnection(this, socket, keepAlive);
        opening = connection;
        return connection.WaitUntilOpenAsync(deadlineTick);
    }

    public override Task StopAsync()
    {
        // Behind the work posted so far.
        if (_stopped is null)
        {
            _stopped = new TaskCompletionSource();
            Post(static loop => ((MemoryLoop)loop!)._isStopping = true, this);
        }

        return _stopped.Task;
    }

    internal void AddEvent(MemoryConnection connection)
    {
        if (!connection.IsOnEventList)
        {
            connection.IsOnEventList = true;
            _events.Add(connection);
            _network.Scheduler.Wake(_actor);
        }
    }

    internal void Wake() => _network.Scheduler.Wake(_actor);

    internal void OnOpened(MemoryConnection connection) => _connections.Add(connection);

    internal void OnClosed(MemoryConnection connection)
    {
        _connections.Remove(connection);
        foreach (MemoryListener listener in _listeners)
        {
            listener.Retry();
        }
    }

    internal void Remove(MemoryListener listener) => _listeners.Remove(listener);

    private void RunTurn()
    {
        if (_isStopped)
        {
            return;
        }

        if (_network.Scheduler.Now < _stalledUntil)
        {
            _network.Scheduler.WakeAt(_actor, _stalledUntil);
            return;
        }

        Enter();
        try
        {
            RunEvents();
        }
        finally
        {
            _network.Current = null;
        }

        // What is opened while the loop ends is closed in its next turn.
        if (_isStopping && !HasReady && _posted.Count == 0 && _connections.Count == 0 && _listeners.Count == 0)
        {
            _isStopped = true;
            _stopped!.SetResult();
            return;
        }

        WakeAgain();
    }

    // What is due runs last: bytes that came in time are not late because the loop was.
    private void RunEvents()
    {
        Turn++;
        ReadClock();
        if (_isStopping)
        {
            CloseAll();
        }

        TakeEvents();
        foreach (MemoryConnection connection in _batch)
        {
            connection.NoteState();
        }

        RunReady();
        foreach (MemoryConnection connection in _batch)
        {
            connection.Pump();
        }

        AcceptAll();
        RunPosted();
        Wheel.AdvanceTo(Wheel.NowTick);
    }

    private void Enter()
    {
        Debug.Assert(_network.Current is null, "One loop at a time.");
        _network.Current = this;
    }

    // The clock first: what an event arms counts from when it came, not from when the loop went to sleep.
    private void ReadClock()
    {
        NowMilliseconds = _network.Scheduler.Now / TimeSpan.TicksPerMillisecond;
        Wheel.MoveClockTo(_network.Scheduler.Now / TicksPerWheelTick);
    }

    // In any order, and sometimes not all of them: the rest is for the next turn.
    private void TakeEvents()
    {
        SimRandom random = _network.Scheduler.Random;
        int count = random.Chance(0.25) ? random.Next(_events.Count + 1) : _events.Count;
        _batch.Clear();
        for (; count > 0; count--)
        {
            int place = random.Next(_events.Count);
            MemoryConnection connection = _events[place];
            _events[place] = _events[^1];
            _events.RemoveAt(_events.Count - 1);
            connection.IsOnEventList = false;
            _batch.Add(connection);
        }
    }

    private void AcceptAll()
    {
        for (int i = _listeners.Count - 1; i >= 0; i--)
        {
            _listeners[i].Pump();
        }
    }

    private void RunPosted()
    {
        for (int count = _posted.Count; count > 0; count--)
        {
            (Action<object?> work, object? state) = _posted.Dequeue();
            work(state);
        }
    }

    private void CloseAll()
    {
        for (int i = _listeners.Count - 1; i >= 0; i--)
        {
            _listeners[i].Close();
        }

        foreach (MemoryConnection connection in _connections.ToArray())
        {
            connection.Close();
        }
    }

    private void WakeAgain()
    {
        if (HasReady || _isStopping || _events.Count > 0 || _posted.Count > 0)
        {
            _network.Scheduler.Wake(_actor);
        }

        if (Wheel.Count > 0)
        {
            long nextTick = (_network.Scheduler.Now / TicksPerWheelTick) + 1;
            _network.Scheduler.TickAt(_actor, nextTick * TicksPerWheelTick);
        }
    }
}
