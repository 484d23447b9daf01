using L7Engine.Timing;

namespace L7Engine.Transport;

/// <summary>How long a peer may make writes wait: for its next byte, and over all waits of one exchange.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. With a minimum rate it counts for one connection at a time; without one it keeps
/// nothing, and many connections may share it, of any loop. What the peer has acknowledged counts for the rate: else a
/// kernel that lets its send buffer grow would pay for a peer that takes nothing. It is asked once when the first write
/// of an exchange waits, and then only when time seems to be over: what is known is never more than there is.
/// </remarks>
internal sealed class WriteClock
{
    /// <summary>What <see cref="Look"/> returns when the write is to be given up.</summary>
    public const long GiveUp = -1;

    private RateClock _clock;
    private MinimumRate _rate;
    private long _gapTicks;
    private long _gapEndTick;
    private long _movedBytes;

    public WriteClock()
    {
    }

    /// <param name="gapTicks">From one byte that the peer takes to the next.</param>
    public WriteClock(long gapTicks) => _gapTicks = gapTicks;

    /// <summary>True from the first wait on.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>True when the wait that goes on ends for the rate, if nothing moves, and not for the gap.</summary>
    public bool IsByRate => _clock.IsWaiting && !_rate.IsOff && _clock.DueTick(_rate, _movedBytes) < _gapEndTick;

    /// <summary>Sets what the waits of an exchange are measured by.</summary>
    public void Use(long gapTicks, in MinimumRate rate) => (_gapTicks, _rate) = (gapTicks, rate);

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear() => (_clock, _rate, IsUsed) = (default, default, false);

    /// <summary>The peer is waited for, or has just taken a byte and is waited for on.</summary>
    /// <returns>The tick at which to look again.</returns>
    public long Start(TransportConnection connection)
    {
        EventLoop loop = connection.Loop;
        long gapEndTick = loop.Wheel.TickAfter(_gapTicks);
        if (_rate.IsOff)
        {
            return gapEndTick;
        }

        if (!IsUsed)
        {
            (IsUsed, _movedBytes) = (true, connection.ReadAckedBytes());
        }

        _gapEndTick = gapEndTick;
        _clock.StartWait(loop.NowMilliseconds, _movedBytes);
        return NextTick();
    }

    public void End(EventLoop loop)
    {
        if (!_rate.IsOff)
        {
            _clock.EndWait(loop.NowMilliseconds);
        }
    }

    /// <summary>Looks at a write whose tick has come.</summary>
    /// <param name="hasMoved">The kernel has just taken some of it: the gap has begun anew.</param>
    /// <returns>The tick at which to look again, or <see cref="GiveUp"/>.</returns>
    public long Look(TransportConnection connection, bool hasMoved)
    {
        if (_rate.IsOff)
        {
            return hasMoved ? Start(connection) : GiveUp;
        }

        _movedBytes = connection.ReadAckedBytes();
        return connection.Loop.NowTick >= _gapEndTick || IsTooSlow(connection.Loop) ? GiveUp : NextTick();
    }

    /// <summary>True when the peer takes bytes, if any, more slowly than the minimum rate.</summary>
    public bool IsTooSlow(EventLoop loop) => _clock.IsOver(_rate, loop.NowMilliseconds, _movedBytes);

    private long NextTick() => Math.Min(_gapEndTick, _clock.DueTick(_rate, _movedBytes));
}
