namespace L7Engine.Backends.Reuse;

/// <summary>When one backend closes idle connections, as all loops together have learned it.</summary>
/// <remarks>
/// Thread-safe. Loops hand over what they saw once a second, under a lock that no request ever waits for; a request
/// reads one number. All in milliseconds.
/// </remarks>
internal sealed class IdleDeadline
{
    /// <summary>How often it is tried whether the backend keeps connections for longer by now.</summary>
    public const long BetweenProbes = 600_000;

    // However little happens: what holds for ten minutes does not hold for much longer.
    private const long BetweenLooks = 10_000;

    private readonly Lock _lock = new();
    private readonly IdleEvidence _evidence = new();
    private long _value;
    private long _nextProbe;
    private long _nextLook = long.MaxValue;
    private bool _isLearned;
    private bool _isUnsettled;

    /// <summary>0 while it is not known.</summary>
    public long Value => Volatile.Read(ref _value);

    /// <summary>True while what was handed over may still change it.</summary>
    public bool IsUnsettled => Volatile.Read(ref _isUnsettled);

    /// <returns>True when it should be looked at again, though nothing new was seen.</returns>
    public bool IsDue(long now) => IsUnsettled || now >= Volatile.Read(ref _nextLook);

    /// <summary>Takes what a loop has seen, and leaves nothing of it there.</summary>
    public void Merge(IdleSamples samples, long now)
    {
        lock (_lock)
        {
            foreach (ref readonly IdleClose close in samples.Closes)
            {
                _evidence.AddClose(close);
            }

            if (samples.OldestUse > 0)
            {
                _evidence.AddUse(samples.OldestUseAt, samples.OldestUse);
            }

            if (samples.Announced > 0)
            {
                _evidence.Announce(now, samples.Announced);
            }

            samples.Clear();
            _evidence.Conclude(now);
            Publish(now);
        }
    }

    /// <summary>Takes the right to let one connection wait for longer than the deadline; one loop gets it.</summary>
    public bool TryBeginProbe(long now)
    {
        if (now < Volatile.Read(ref _nextProbe))
        {
            return false;
        }

        lock (_lock)
        {
            bool isDue = _isLearned && now >= _nextProbe;
            _nextProbe = isDue ? now + BetweenProbes : _nextProbe;
            return isDue;
        }
    }

    /// <summary>A probe has told nothing: the next may begin at once.</summary>
    public void RepeatProbe(long now) => Volatile.Write(ref _nextProbe, now);

    /// <summary>Another backend may answer at this address by now.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _evidence.Forget();
            Publish(0);
        }
    }

    private void Publish(long now)
    {
        bool isLearned = _evidence.Learned > 0 && _evidence.Learned == _evidence.Deadline;
        if (isLearned && !_isLearned)
        {
            Volatile.Write(ref _nextProbe, now + BetweenProbes);
        }

        _isLearned = isLearned;
        Volatile.Write(ref _nextLook, now + BetweenLooks);
        Volatile.Write(ref _isUnsettled, _evidence.HasWaiting);
        Volatile.Write(ref _value, _evidence.Deadline);
    }
}
