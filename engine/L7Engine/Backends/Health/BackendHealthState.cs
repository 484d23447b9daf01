using System.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Backends.Health;

/// <summary>The health of one backend, for all loops: whether it gets requests, and why not.</summary>
/// <remarks>
/// Thread-safe. A pick reads <see cref="TakesRequests"/>, one volatile read; an outcome is counted without a lock. What
/// changes the state is the group's, under its lock: members ending in Locked.
/// </remarks>
internal sealed class BackendHealthState
{
    private const double LeastShare = 0.1;

    private readonly HealthCounts _counts = new();
    private readonly FailureCounts _failures = new();
    private CheckVerdict _verdict;
    private EjectionBackoff _backoff;
    private volatile GroupHealth? _group;
    private volatile int _standing = (int)Standing.Open;
    private double _share = 1;
    private long _rampsSince = -1;
    private long _trialEndsAt;
    private bool _isTrialPublished;

    private enum Standing
    {
        Closed,

        // Who takes the request closes it for the others.
        Trial,
        Open,
    }

    /// <summary>The group that it is in; null when no configuration has it.</summary>
    public GroupHealth? Group => _group;

    /// <summary>What it did and how it was asked, for the status.</summary>
    public HealthCounts Counts => _counts;

    /// <summary>As it is configured at last; null until it is.</summary>
    public Backend? Backend { get; private set; }

    public BackendHealth Health { get; private set; }

    public HealthCause Cause { get; private set; }

    /// <summary>When it got into this state.</summary>
    public long SinceMilliseconds { get; private set; }

    /// <summary>An operator has taken it out.</summary>
    public bool IsDrained { get; private set; }

    public int ConsecutiveFailures => _failures.Consecutive;

    /// <summary>False while it must not be picked; a configured weight of 0 is not its affair.</summary>
    public bool TakesRequests => _standing != (int)Standing.Closed;

    /// <summary>The part of its weight that counts while it starts slowly: 0.1 to 1.</summary>
    public double Share => Volatile.Read(ref _share);

    /// <summary>True when time changes something: it must be advanced.</summary>
    public bool IsInMotion => Health == BackendHealth.Ejected || IsTried || _rampsSince >= 0;

    /// <summary>True while a request tries it.</summary>
    private bool IsTried => Health == BackendHealth.Trial && _standing == (int)Standing.Closed;

    /// <summary>True when it has failed so often that it would be ejected, were it not the last one that is up.
    /// </summary>
    public bool IsFailing => _group?.Settings.Ejection is { Enabled: true, ConsecutiveFailures: > 0 and var most }
        && _failures.Consecutive >= most;

    /// <summary>True when it can be relied upon.</summary>
    public bool IsUp => Health == BackendHealth.Up && !IsDrained;

    /// <summary>True when it may have requests: with weight 0 those alone that are bound to it.</summary>
    public bool MayServe => !IsDrained && Backend is not null;

    /// <summary>True when it may have any requests.</summary>
    public bool IsEligible => MayServe && Backend is { Weight: > 0 };

    /// <summary>Asks whether one request may go there. What was picked is let in by this, at the last moment.</summary>
    /// <param name="isTrial">The request is the one that tries it: its end must be reported, whatever it is.</param>
    public bool TryEnter(out bool isTrial)
    {
        int standing = _standing;
        isTrial = standing == (int)Standing.Trial
            && Interlocked.CompareExchange(ref _standing, (int)Standing.Closed, standing) == standing;
        if (isTrial)
        {
            _group?.NoteTrial(this);
        }

        return isTrial || standing == (int)Standing.Open;
    }

    /// <summary>A response has begun.</summary>
    public void ReportResponse(int status, bool isTrial, long now)
    {
        if (_group is not { } group)
        {
            return;
        }

        HealthSettings settings = group.Settings;
        if (settings.IsFailure(status))
        {
            ReportFailure(RequestFailure.Status, isTrial, now);
        }
        else if (settings.Ejection.Enabled)
        {
            _failures.CountSuccess(now, settings);
            if (isTrial || Health == BackendHealth.Trial)
            {
                group.PassTrial(this, now);
            }
        }
    }

    /// <summary>A request has failed, and the backend is to blame.</summary>
    public void ReportFailure(RequestFailure failure, bool isTrial, long now)
    {
        _counts.CountFailure(failure);
        if (_group is { } group && group.Settings is { Ejection.Enabled: true } settings)
        {
            HealthCause cause = _failures.CountFailure(now, settings);
            if (isTrial || cause != HealthCause.None)
            {
                group.Eject(this, isTrial ? HealthCause.TrialFailed : cause, now);
            }
        }
    }

    /// <summary>The request that tried it says nothing of it: the next one may.</summary>
    public void GiveTrialBack() => _group?.GiveTrialBack(this);

    internal void JoinLocked(GroupHealth group, Backend backend) => (_group, Backend) = (group, backend);

    internal void LeaveLocked() => _group = null;

    internal void MoveLocked(BackendHealth health, HealthCause cause, long now)
    {
        (Health, Cause, SinceMilliseconds) = (health, cause, now);
        if (health == BackendHealth.Up)
        {
            _backoff.Return(now);
        }
        else
        {
            _rampsSince = -1;
        }
    }

    /// <returns>True when the verdict has changed.</returns>
    internal bool TakeCheckLocked(bool hasPassed, HealthCheckOptions check) =>
        _verdict.Take(hasPassed, check.Rise, check.Fall);

    internal void ForgetChecksLocked() => _verdict = default;

    internal bool IsFoundDownLocked => _verdict.IsDown;

    /// <returns>How long it is ejected, in milliseconds.</returns>
    internal long EjectLocked(bool wasOnTrial, long now, HealthSettings settings)
    {
        if (wasOnTrial)
        {
            _backoff.Return(now);
        }

        _backoff.Eject(now, settings.BaseMilliseconds, settings.MaxMilliseconds);
        _counts.CountEjection();
        return _backoff.EndsAt - now;
    }

    internal bool IsEjectionOverLocked(long now) => now >= _backoff.EndsAt;

    internal void BeginTrialLocked(long now)
    {
        _failures.Clear(now);
        _trialEndsAt = TimerWheel.Never;
    }

    /// <summary>Lets the next request try it when the one that does takes too long.</summary>
    /// <param name="trialMilliseconds">How long that is, from the first time that it was noticed.</param>
    internal bool TryRenewTrialLocked(long now, long trialMilliseconds)
    {
        if (!IsTried || !MayServe)
        {
            return false;
        }

        bool isOver = now >= _trialEndsAt;
        if (isOver)
        {
            ReopenTrialLocked();
        }
        else if (_trialEndsAt == TimerWheel.Never)
        {
            _trialEndsAt = now + trialMilliseconds;
        }

        return isOver;
    }

    internal void EndTrialLocked(long now) => _failures.Clear(now);

    internal void ReopenTrialLocked()
    {
        Debug.Assert(Health == BackendHealth.Trial);
        _trialEndsAt = TimerWheel.Never;
        Interlocked.CompareExchange(ref _standing, (int)Standing.Trial, (int)Standing.Closed);
    }

    internal void DrainLocked(bool isDrained) => IsDrained = isDrained;

    internal void BeginRampLocked(long now, HealthSettings settings)
    {
        _rampsSince = settings.SlowStartMilliseconds > 0 ? now : -1;
        RampLocked(now, settings);
    }

    internal void RampLocked(long now, HealthSettings settings)
    {
        bool ramps = _rampsSince >= 0 && now - _rampsSince < settings.SlowStartMilliseconds;
        _rampsSince = ramps ? _rampsSince : -1;
        double grown = ramps ? (double)(now - _rampsSince) / settings.SlowStartMilliseconds : 1;
        Volatile.Write(ref _share, LeastShare + ((1 - LeastShare) * grown));
    }

    /// <summary>Tells the loops whether it may be picked.</summary>
    internal void PublishLocked(bool failsOpen)
    {
        Standing next = !MayServe ? Standing.Closed
            : failsOpen || Health == BackendHealth.Up ? Standing.Open
            : Health == BackendHealth.Trial ? Standing.Trial : Standing.Closed;

        // While a request tries it, it stays closed for others.
        if (next != Standing.Trial || !_isTrialPublished)
        {
            _standing = (int)next;
            _trialEndsAt = TimerWheel.Never;
        }

        _isTrialPublished = next == Standing.Trial;
    }
}
