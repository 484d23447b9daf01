using L7Engine.Backends.Names;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;

namespace L7Engine.Backends.Health;

/// <summary>A group, and what is configured for the health of its backends.</summary>
internal readonly record struct WatchedGroup(GroupState State, HealthSettings Settings, Backend[] Backends)
{
    public GroupHealth Health => State.Health;
}

/// <summary>
/// Watches over the health of all backends of an engine: runs the checks, ends ejections, lets weights grow, and tells.
/// </summary>
/// <remarks>
/// One for all loops, run by one of them: that loop's thread owns it but for <see cref="Apply"/>, <see cref="Stop"/>
/// and what the groups tell. Its own deadline comes with each tick while time changes anything, else never.
/// </remarks>
internal sealed class HealthWatch : TimerEntry
{
    private readonly EventLoop _loop;
    private readonly ILogger _logger;
    private readonly HealthTotals _totals;
    private readonly byte[] _via;
    private readonly Random _random;
    private readonly Dictionary<BackendHealthState, HealthCheck> _checks = [];
    private readonly List<EmptyWait> _waits = [];
    private WatchedGroup[] _groups = [];
    private bool _isStopped;

    /// <param name="seed">Of what is drawn by lot.</param>
    public HealthWatch(
        EventLoop loop, ILogger logger, HealthTotals totals, ViaToken token, HeadLimits limits, int seed)
    {
        (_loop, _logger, _totals) = (loop, logger, totals);
        _via = token.ElementOf("l7engine");
        _random = new Random(seed);
        Answer = new CheckAnswer(limits);
    }

    /// <summary>What reads the answers to all checks.</summary>
    public CheckAnswer Answer { get; }

    /// <summary>Told of every exception of a check: a defect.</summary>
    public required Action<Exception> ReportBug { get; init; }

    /// <summary>Is told whether the addresses of names serve; null while there is none to tell.</summary>
    public NameBook? Names { get; set; }

    /// <summary>Watches over these groups from here on. From any thread; before the loops pick by them.</summary>
    public void Apply(WatchedGroup[] groups, long now)
    {
        foreach (WatchedGroup group in groups)
        {
            group.Health.Changed = change => OnChanged(change, group);
            group.Health.Apply(group.Settings, group.Backends, now);
        }

        _ = _loop.Post(_ => Watch(groups), null);
    }

    /// <summary>Ends all checks. From any thread.</summary>
    public void Stop() => _ = _loop.Post(
        _ =>
        {
            _isStopped = true;
            Watch([]);
            EndWaits();
        },
        null);

    /// <summary>Waits until a drained backend has nothing in flight. From any thread.</summary>
    public Task WaitUntilEmptyAsync(
        BackendState state, long nowMilliseconds, TimeSpan deadline, CancellationToken cut)
    {
        var wait = new EmptyWait(state, nowMilliseconds + (long)deadline.TotalMilliseconds, cut);
        bool runs = _loop.Post(
            _ =>
            {
                _waits.Add(wait);
                EndWaits();
                Wake();
            },
            null);
        return runs ? wait.Ended : Task.CompletedTask;
    }

    /// <summary>A part of a duration, by lot.</summary>
    public TimeSpan Draw(TimeSpan most) => most * _random.NextDouble();

    /// <summary>Takes the outcome of a check.</summary>
    public void Take(HealthCheck check, CheckResult result, int status)
    {
        check.Member.Counts.CountCheck(result, status);
        if (result == CheckResult.LocalCause || check.Member.Group is not { } group)
        {
            return;
        }

        bool hasPassed = result == CheckResult.Passed;
        _totals.Add(hasPassed ? HealthCounter.ChecksPassed : HealthCounter.ChecksFailed);
        group.TakeCheck(check.Member, hasPassed, _loop.NowMilliseconds);
        if (!hasPassed)
        {
            AskIfLost(check.Member, Array.Find(_groups, g => g.Health == group).Backends);
        }
    }

    protected internal override void OnDue()
    {
        EndWaits();
        bool isInMotion = _waits.Count > 0;
        foreach (WatchedGroup group in _groups)
        {
            isInMotion |= group.Health.Advance(_loop.NowMilliseconds);
        }

        if (isInMotion)
        {
            Wake();
        }
    }

    private void Watch(WatchedGroup[] groups)
    {
        _groups = groups;
        var unwatched = new HashSet<BackendHealthState>(_checks.Keys);
        foreach (WatchedGroup group in groups.Where(g => g.Settings.HasChecks && !_isStopped))
        {
            foreach (Backend backend in group.Backends)
            {
                unwatched.Remove(backend.State.Health);
                Check(backend, group.Settings);
            }
        }

        foreach (BackendHealthState gone in unwatched)
        {
            _checks.Remove(gone, out HealthCheck? check);
            check!.Stop();
        }

        if (_isStopped)
        {
            _loop.Wheel.Remove(this);
        }
        else
        {
            Wake();
        }
    }

    private void EndWaits()
    {
        foreach (EmptyWait wait in _waits.Where(w => _isStopped || w.IsOver(_loop.NowMilliseconds)).ToArray())
        {
            _waits.Remove(wait);
            wait.End();
        }
    }

    private void Check(Backend backend, HealthSettings settings)
    {
        byte[] request = CheckRequest.Of(backend, settings.Check, _via);
        if (_checks.TryGetValue(backend.State.Health, out HealthCheck? check))
        {
            check.Apply(backend, settings, request);
            return;
        }

        check = new HealthCheck(this, _loop, backend, settings, request);
        _checks.Add(backend.State.Health, check);
        check.Begin(isAwaited: backend.State.Health.Health == BackendHealth.Detecting);
    }

    // On whichever thread the change was made.
    private void OnChanged(HealthChange change, in WatchedGroup group)
    {
        HealthLog.Tell(_logger, change);
        if (CounterOf(change.Event) is { } counter)
        {
            _totals.Add(counter);
        }

        if (OpensPlaces(change.Event))
        {
            group.State.Places.OfferAll();
        }

        if (change.Event == HealthEvent.WasEjected)
        {
            AskIfLost(change.Member, group.Backends);
        }
        else if (change is { Event: HealthEvent.CameUp, Member.Backend: { } backend })
        {
            LostNames.NoteServes(backend, Names);
        }

        _ = _loop.Post(_ => Wake(), null);
    }

    // A service that fails everywhere may have moved.
    private void AskIfLost(BackendHealthState member, Backend[]? backends)
    {
        if (member.Backend is { } backend)
        {
            LostNames.AskIfLost(backend, backends, Names);
        }
    }

    private static bool OpensPlaces(HealthEvent what) => what is HealthEvent.CameUp or HealthEvent.TrialBegan
        or HealthEvent.TrialFreed or HealthEvent.DrainEnded or HealthEvent.FailOpenBegan;

    private void Wake()
    {
        if (!_isStopped)
        {
            _loop.Wheel.Arm(this, _loop.NowTick + 1);
        }
    }

    private static HealthCounter? CounterOf(HealthEvent what) => what switch
    {
        HealthEvent.CameUp => HealthCounter.CameUp,
        HealthEvent.WentDown => HealthCounter.WentDown,
        HealthEvent.WasEjected => HealthCounter.Ejections,
        HealthEvent.FailOpenBegan => HealthCounter.FailOpens,
        _ => null,
    };
}
