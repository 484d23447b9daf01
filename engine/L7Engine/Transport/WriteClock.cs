using L7Engine.Timing;

namespace L7Engine.Transport;

/// <summary>How long a peer may make writes wait: for its next byte, and over all waits of one exchange.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. With a minimum rate it counts for one connection at a time; without one it keeps
/// nothing, and many connections may share it, of any loop.
/// </remarks>
internal sealed class WriteClock
{
    private RateClock _clock;
    private MinimumRate _rate;
    private long _gapTicks;

    public WriteClock()
    {
    }

    /// <param name="gapTicks">From one byte that the peer takes to the next.</param>
    public WriteClock(long gapTicks) => _gapTicks = gapTicks;

    /// <summary>True from the first wait on.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Sets what the waits of an exchange are measured by.</summary>
    public void Use(long gapTicks, in MinimumRate rate) => (_gapTicks, _rate, IsUsed) = (gapTicks, rate, true);

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear() => (_clock, _rate, IsUsed) = (default, default, false);

    /// <summary>The peer is waited for, or has just taken a byte and is waited for on.</summary>
    /// <returns>The tick at which to look again.</returns>
    public long Start(EventLoop loop, long bytesSent)
    {
        long gapEnd = loop.Wheel.TickAfter(_gapTicks);
        if (_rate.IsOff)
        {
            return gapEnd;
        }

        _clock.StartWait(loop.NowMilliseconds, bytesSent);
        return Math.Min(gapEnd, _clock.DueTick(_rate, bytesSent));
    }

    public void End(EventLoop loop)
    {
        if (!_rate.IsOff)
        {
            _clock.EndWait(loop.NowMilliseconds);
        }
    }

    /// <summary>True when the peer takes bytes, if any, more slowly than the minimum rate.</summary>
    public bool IsTooSlow(EventLoop loop, long bytesSent) => _clock.IsOver(_rate, loop.NowMilliseconds, bytesSent);
}
