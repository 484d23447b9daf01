using L7Engine.Timing;

namespace L7Engine.Backends;

/// <summary>What a pool does once a second, as long as it has something to do.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class PoolUpkeep(TimerWheel wheel, Func<bool> work) : TimerEntry
{
    /// <summary>Makes sure that it runs within a second or so.</summary>
    public void Begin()
    {
        if (DueTick == TimerWheel.Never)
        {
            wheel.Arm(this, wheel.TickAfter(TimerWheel.TicksPerSecond));
        }
    }

    protected internal override void OnDue()
    {
        if (work())
        {
            Begin();
        }
    }
}
