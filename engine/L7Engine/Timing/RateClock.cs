using System.Diagnostics;

namespace L7Engine.Timing;

/// <summary>Adds up how long a peer was waited for, against the bytes that it moved since the first wait.</summary>
/// <remarks>
/// A mutable struct: do not copy it. Between waits it stands still: what we make the peer wait for costs it nothing,
/// and a peer that is never waited for costs us nothing. Bytes that moved before the first wait earn nothing. Bytes are
/// told as all that the connection has moved so far.
/// </remarks>
internal struct RateClock
{
    private long _waitedMilliseconds;
    private long _waitStart;
    private long _bytesBefore;
    private bool _hasWaited;

    public bool IsWaiting { get; private set; }

    /// <param name="bytes">All that the connection has moved so far.</param>
    public void StartWait(long nowMilliseconds, long bytes)
    {
        if (IsWaiting)
        {
            return;
        }

        if (!_hasWaited)
        {
            (_hasWaited, _bytesBefore) = (true, bytes);
        }

        (IsWaiting, _waitStart) = (true, nowMilliseconds);
    }

    public void EndWait(long nowMilliseconds)
    {
        if (IsWaiting)
        {
            _waitedMilliseconds += nowMilliseconds - _waitStart;
            IsWaiting = false;
        }
    }

    /// <summary>When the wait that goes on has lasted too long, if no further byte moves.</summary>
    /// <returns>The first tick that does not begin before that moment.</returns>
    public readonly long DueTick(in MinimumRate rate, long bytes)
    {
        Debug.Assert(IsWaiting, "Nothing is due while nobody is waited for.");
        if (rate.IsOff)
        {
            return TimerWheel.Never;
        }

        long dueAt = _waitStart + rate.AllowedMilliseconds(bytes - _bytesBefore) - _waitedMilliseconds;
        return (dueAt + TimerWheel.MillisecondsPerTick - 1) / TimerWheel.MillisecondsPerTick;
    }

    /// <summary>True when the peer was waited for longer than its bytes allow.</summary>
    public readonly bool IsOver(in MinimumRate rate, long nowMilliseconds, long bytes)
    {
        long waited = _waitedMilliseconds + (IsWaiting ? nowMilliseconds - _waitStart : 0);
        return _hasWaited && !rate.IsOff && waited >= rate.AllowedMilliseconds(bytes - _bytesBefore);
    }
}
