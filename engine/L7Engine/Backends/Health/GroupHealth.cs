using System.Diagnostics;

namespace L7Engine.Backends.Health;

/// <summary>The health of the backends of one group together: who may be ejected, and what when none is up.</summary>
/// <remarks>
/// Thread-safe. Its lock is taken when something changes: by each check, by a failure that crosses a threshold, by the
/// first success after an ejection; never by a request that only counts. What has changed is told after the lock.
/// </remarks>
internal sealed class GroupHealth
{
    private readonly Lock _lock = new();
    private readonly List<HealthChange> _untold = [];
    private BackendHealthState[] _members = [];
    private volatile HealthSettings _settings = new(new BackendGroupOptions());
    private volatile bool _failsOpen;
    private long _failOpens;

    public HealthSettings Settings => _settings;

    /// <summary>True while none of the backends is up, and all of them get requests therefore.</summary>
    public bool FailsOpen => _failsOpen;

    /// <summary>How often that has begun.</summary>
    public long FailOpens => Volatile.Read(ref _failOpens);

    /// <summary>Told of each change, in order, on the thread that has brought it about. It must not wait.</summary>
    public Action<HealthChange>? Changed { get; set; }

    /// <summary>Takes the backends and settings of a configuration: who stays keeps its state.</summary>
    /// <remarks>
    /// The backends of a group that is new count as up. One that joins a group that has some is first checked, once,
    /// where there are checks: the others serve meanwhile.
    /// </remarks>
    public void Apply(HealthSettings settings, Backend[] backends, long now)
    {
        lock (_lock)
        {
            bool isNew = _members.Length == 0;
            BackendHealthState[] members = [.. backends.Select(b => b.State.Health)];
            foreach (BackendHealthState gone in _members.Except(members))
            {
                gone.LeaveLocked();
            }

            for (int i = 0; i < members.Length; i++)
            {
                bool joins = Array.IndexOf(_members, members[i]) < 0;
                members[i].JoinLocked(this, backends[i]);
                if (joins && isNew)
                {
                    members[i].MoveLocked(BackendHealth.Up, HealthCause.None, now);
                }
                else if (joins)
                {
                    Welcome(members[i], settings, now);
                }
                else if (!settings.HasChecks)
                {
                    EndChecks(members[i], now);
                }

                if (!settings.Ejection.Enabled && members[i].Health is BackendHealth.Ejected or BackendHealth.Trial)
                {
                    members[i].MoveLocked(BackendHealth.Up, HealthCause.EjectionOver, now);
                    Tell(HealthEvent.CameUp, members[i]);
                }
            }

            (_members, _settings) = (members, settings);
            foreach (BackendHealthState member in members)
            {
                member.RampLocked(now, settings);
            }

            PublishLocked();
        }

        TellAll();
    }

    /// <summary>Takes the outcome of a check: it has passed, or has failed.</summary>
    public void TakeCheck(BackendHealthState member, bool hasPassed, long now)
    {
        lock (_lock)
        {
            bool hasTurned = member.TakeCheckLocked(hasPassed, _settings.Check);
            if (member.Health == BackendHealth.Detecting)
            {
                Decide(member, hasPassed, now);
            }
            else if (hasTurned && !hasPassed)
            {
                member.MoveLocked(BackendHealth.Down, HealthCause.ChecksFailed, now);
                Tell(HealthEvent.WentDown, member);
            }
            else if (hasTurned)
            {
                Recover(member, now);
            }

            PublishLocked();
        }

        TellAll();
    }

    /// <summary>Leaves a backend out for a while, unless too many are, or it is the last one that is up.</summary>
    public void Eject(BackendHealthState member, HealthCause cause, long now)
    {
        lock (_lock)
        {
            bool wasOnTrial = member.Health == BackendHealth.Trial;
            if ((wasOnTrial && cause == HealthCause.TrialFailed) || (member.IsUp && MayEjectLocked(member)))
            {
                long milliseconds = member.EjectLocked(wasOnTrial, now, _settings);
                member.MoveLocked(BackendHealth.Ejected, cause, now);
                Tell(HealthEvent.WasEjected, member, milliseconds);
                PublishLocked();
            }
        }

        TellAll();
    }

    /// <summary>A request has been answered by a backend that is on trial.</summary>
    public void PassTrial(BackendHealthState member, long now)
    {
        lock (_lock)
        {
            if (member.Health == BackendHealth.Trial)
            {
                member.EndTrialLocked(now);
                ComeUp(member, HealthCause.TrialPassed, now);
                PublishLocked();
            }
        }

        TellAll();
    }

    /// <summary>A request tries a backend: from here on time matters.</summary>
    public void NoteTrial(BackendHealthState member) =>
        Changed?.Invoke(new HealthChange(HealthEvent.TrialTaken, member, HealthCause.None));

    /// <summary>The request that tried a backend says nothing of it: another one may.</summary>
    public void GiveTrialBack(BackendHealthState member)
    {
        lock (_lock)
        {
            if (member.Health == BackendHealth.Trial && member.MayServe && !_failsOpen)
            {
                member.ReopenTrialLocked();
                Tell(HealthEvent.TrialFreed, member);
            }
        }

        TellAll();
    }

    /// <summary>Takes a backend out for an operator, or puts it back.</summary>
    /// <returns>False when that was so already.</returns>
    public bool TryDrain(BackendHealthState member, bool isDrained, long now)
    {
        lock (_lock)
        {
            if (member.IsDrained == isDrained)
            {
                return false;
            }

            member.DrainLocked(isDrained);
            Tell(isDrained ? HealthEvent.DrainBegan : HealthEvent.DrainEnded, member);
            if (!isDrained && member.Health == BackendHealth.Up)
            {
                member.BeginRampLocked(now, _settings);
            }

            PublishLocked();
        }

        TellAll();
        return true;
    }

    /// <summary>Does what time has brought: ejections that are over, weights that grow.</summary>
    /// <returns>True while there will be more of that.</returns>
    public bool Advance(long now)
    {
        bool isInMotion = false;
        lock (_lock)
        {
            foreach (BackendHealthState member in _members)
            {
                if (member.IsInMotion)
                {
                    AdvanceLocked(member, now);
                    isInMotion |= member.IsInMotion;
                }
            }

            PublishLocked();
        }

        TellAll();
        return isInMotion;
    }

    private void AdvanceLocked(BackendHealthState member, long now)
    {
        member.RampLocked(now, _settings);
        if (member.Health == BackendHealth.Trial)
        {
            if (member.TryRenewTrialLocked(now, _settings.BaseMilliseconds))
            {
                Tell(HealthEvent.TrialFreed, member);
            }
        }
        else if (member.Health == BackendHealth.Ejected && member.IsEjectionOverLocked(now))
        {
            member.BeginTrialLocked(now);
            member.MoveLocked(BackendHealth.Trial, HealthCause.EjectionOver, now);
            Tell(HealthEvent.TrialBegan, member);
        }
    }

    // One answer is enough for who has not failed yet; the first one that is wrong takes as many as ever.
    private void Decide(BackendHealthState member, bool hasPassed, long now)
    {
        if (hasPassed)
        {
            ComeUp(member, HealthCause.ChecksPassed, now);
        }
        else if (member.IsFoundDownLocked)
        {
            member.MoveLocked(BackendHealth.Down, HealthCause.ChecksFailed, now);
            Tell(HealthEvent.WentDown, member);
        }
    }

    // Checks that pass end no ejection: what fails requests may still answer them.
    private void Recover(BackendHealthState member, long now)
    {
        if (_settings.Ejection.Enabled && !member.IsEjectionOverLocked(now))
        {
            member.MoveLocked(BackendHealth.Ejected, HealthCause.ChecksPassed, now);
        }
        else
        {
            ComeUp(member, HealthCause.ChecksPassed, now);
        }
    }

    private static void Welcome(BackendHealthState member, HealthSettings settings, long now)
    {
        member.MoveLocked(
            settings.HasChecks ? BackendHealth.Detecting : BackendHealth.Up, HealthCause.Added, now);
        if (!settings.HasChecks)
        {
            member.BeginRampLocked(now, settings);
        }
    }

    private void EndChecks(BackendHealthState member, long now)
    {
        member.ForgetChecksLocked();
        if (member.Health is BackendHealth.Down or BackendHealth.Detecting)
        {
            member.MoveLocked(BackendHealth.Up, HealthCause.ChecksEnded, now);
            Tell(HealthEvent.CameUp, member);
        }
    }

    private void ComeUp(BackendHealthState member, HealthCause cause, long now)
    {
        member.MoveLocked(BackendHealth.Up, cause, now);
        member.BeginRampLocked(now, _settings);
        Tell(HealthEvent.CameUp, member);
    }

    private bool MayEjectLocked(BackendHealthState member)
    {
        int ejected = _members.Count(m => m.Health is BackendHealth.Ejected or BackendHealth.Trial);
        return ejected < _settings.MaxEjected(_members.Count(m => m.IsEligible))
            && _members.Any(m => m != member && m.IsEligible && m.IsUp);
    }

    private void PublishLocked()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        bool failsOpen = _members.Any(m => m.IsEligible) && !_members.Any(m => m.IsEligible && m.IsUp);
        if (failsOpen != _failsOpen)
        {
            _failsOpen = failsOpen;
            _failOpens += failsOpen ? 1 : 0;
            foreach (BackendHealthState any in _members.Take(1))
            {
                Tell(failsOpen ? HealthEvent.FailOpenBegan : HealthEvent.FailOpenEnded, any);
            }
        }

        foreach (BackendHealthState member in _members)
        {
            member.PublishLocked(failsOpen);
        }
    }

    private void Tell(HealthEvent what, BackendHealthState member, long milliseconds = 0) =>
        _untold.Add(new HealthChange(what, member, member.Cause, milliseconds));

    // Not under the lock: who is told may log, and post to loops.
    private void TellAll()
    {
        HealthChange[] changes;
        lock (_lock)
        {
            if (_untold.Count == 0)
            {
                return;
            }

            changes = [.. _untold];
            _untold.Clear();
        }

        foreach (HealthChange change in changes)
        {
            Changed?.Invoke(change);
        }
    }
}
