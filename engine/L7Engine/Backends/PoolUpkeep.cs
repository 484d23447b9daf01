using L7Engine.Backends.Reuse;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>What a pool does once a second, as long as it has something to do: what was learned of the backend, here
/// and on other loops, holds for what is idle already, and what nobody needs is closed.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class PoolUpkeep(
    BackendPool pool, EventLoop loop, IdleConnections idle, UnprobedConnections unprobed, ReuseGuard guard) : TimerEntry
{
    /// <summary>Ticks that a connection may wait for a request; less than the setting where the backend closes sooner.
    /// </summary>
    public long IdleTicks { get; private set; } = pool.Backend.IdleTicks;

    /// <summary>Makes sure that it runs within a second or so.</summary>
    public void Begin()
    {
        if (DueTick == TimerWheel.Never)
        {
            loop.Wheel.Arm(this, loop.Wheel.TickAfter(TimerWheel.TicksPerSecond));
        }
    }

    /// <summary>Gives all that wait the deadline that holds by now.</summary>
    public void ReviseDeadlines()
    {
        long ticks = guard.IdleTicksOf(pool.Backend);
        if (ticks != IdleTicks)
        {
            IdleTicks = ticks;
            idle.SetDeadlines(ticks, except: guard.Probe);
        }
    }

    protected internal override void OnDue()
    {
        unprobed.ProbeAll(pool.Backend.KeepAlive);
        bool isUnsettled = guard.Share(pool.Backend);
        ReviseDeadlines();
        Trim();
        if (idle.Oldest is { } oldest)
        {
            guard.ProbeWhenDue(pool.Backend, oldest);
        }

        if (isUnsettled || idle.Count > 0)
        {
            Begin();
        }
    }

    private void Trim()
    {
        BackendConnection? next = idle.Oldest;
        while (next is { } connection && idle.Count > PoolTrimming.SparedCount
            && loop.NowMilliseconds - connection.IdleSinceMilliseconds >= PoolTrimming.WindowMilliseconds)
        {
            next = connection.Newer;
            if (connection != guard.Probe)
            {
                pool.CloseIdle(connection, CloseReason.PoolTrimmed);
            }
        }
    }
}
