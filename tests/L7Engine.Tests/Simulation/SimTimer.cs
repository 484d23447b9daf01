using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Does something later, for peers that take their time.</summary>
internal sealed class SimTimer(SimScheduler scheduler, Action work)
{
    private readonly SimActor _actor = new(work);

    public void After(TimeSpan delay) => scheduler.WakeAt(_actor, scheduler.Now + delay.Ticks);
}
