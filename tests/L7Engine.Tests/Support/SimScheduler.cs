namespace L7Engine.Tests.Support;

/// <summary>Virtual time and the order of everything: the seed decides which of the runnable things is next.</summary>
/// <remarks>
/// Not thread-safe: all of it happens on the thread that calls. Time moves only when nothing is runnable. What the
/// network still has under way and what timers wait for are kept apart: a network is idle while timers run.
/// </remarks>
internal sealed class SimScheduler(int seed)
{
    private readonly List<SimActor> _runnable = [];
    private readonly PriorityQueue<SimActor, long> _sleeping = new();
    private readonly PriorityQueue<SimActor, long> _ticking = new();
    private long _stepsLeft;

    public SimRandom Random { get; } = new(seed);

    /// <summary>Virtual time in units of TimeSpan, 100 ns.</summary>
    public long Now { get; private set; } = TimeSpan.TicksPerSecond;

    public long Steps { get; private set; }

    /// <summary>Steps that one run may take before it counts as one that never ends.</summary>
    public long MaxSteps { get; set; } = 5_000_000;

    public void Wake(SimActor actor)
    {
        if (!actor.IsRunnable)
        {
            actor.IsRunnable = true;
            _runnable.Add(actor);
        }
    }

    public void WakeAt(SimActor actor, long at)
    {
        if (at <= Now)
        {
            Wake(actor);
        }
        else if (at < actor.WakesAt)
        {
            actor.WakesAt = at;
            _sleeping.Enqueue(actor, at);
        }
    }

    /// <summary>Wakes for a timer: a network that waits for nothing else is idle.</summary>
    public void TickAt(SimActor actor, long at)
    {
        if (at < actor.TicksAt)
        {
            actor.TicksAt = at;
            _ticking.Enqueue(actor, at);
        }
    }

    /// <summary>Runs until nothing is runnable and nothing is under way. Timers that come due meanwhile run.</summary>
    public void RunUntilIdle()
    {
        _stepsLeft = MaxSteps;
        while (TryStep() || TryAdvance(NextWake(), SimActor.Never))
        {
        }
    }

    public void RunFor(long duration)
    {
        _stepsLeft = MaxSteps;
        long end = Now + duration;
        while (TryStep() || TryAdvance(NextEvent(), end))
        {
        }

        Now = end;
    }

    /// <returns>False when nothing is left that could bring the condition about in this time.</returns>
    public bool TryRunUntil(Func<bool> condition, long within)
    {
        _stepsLeft = MaxSteps;
        long end = Now + within;
        while (!condition())
        {
            if (!TryStep() && !TryAdvance(NextEvent(), end))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryStep()
    {
        if (_runnable.Count == 0)
        {
            return false;
        }

        if (_stepsLeft-- == 0)
        {
            throw new SimulationException($"Seed {seed}: no end after {MaxSteps} steps at {TimeSpan.FromTicks(Now)}.");
        }

        Steps++;
        int place = Random.Next(_runnable.Count);
        SimActor actor = _runnable[place];
        _runnable[place] = _runnable[^1];
        _runnable.RemoveAt(_runnable.Count - 1);
        actor.IsRunnable = false;
        Run(actor);
        return true;
    }

    private void Run(SimActor actor)
    {
        try
        {
            actor.Run();
        }
        catch (Exception e) when (e is not SimulationException)
        {
            throw new SimulationException($"Seed {seed}, step {Steps}: {e.Message}", e);
        }
    }

    private bool TryAdvance(long wake, long end)
    {
        if (wake == SimActor.Never || wake > end)
        {
            return false;
        }

        // Timers do not keep the network busy, but time does not pass them by.
        Now = Math.Min(wake, NextTick());
        while (NextWake() <= Now)
        {
            SimActor actor = _sleeping.Dequeue();
            actor.WakesAt = SimActor.Never;
            Wake(actor);
        }

        while (NextTick() <= Now)
        {
            SimActor actor = _ticking.Dequeue();
            actor.TicksAt = SimActor.Never;
            Wake(actor);
        }

        return true;
    }

    private long NextEvent() => Math.Min(NextWake(), NextTick());

    private long NextWake()
    {
        while (_sleeping.TryPeek(out SimActor? actor, out long at))
        {
            if (actor.WakesAt == at)
            {
                return at;
            }

            _sleeping.Dequeue();
        }

        return SimActor.Never;
    }

    private long NextTick()
    {
        while (_ticking.TryPeek(out SimActor? actor, out long at))
        {
            if (actor.TicksAt == at)
            {
                return at;
            }

            _ticking.Dequeue();
        }

        return SimActor.Never;
    }
}
