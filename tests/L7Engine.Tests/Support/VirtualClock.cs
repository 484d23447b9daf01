namespace L7Engine.Tests.Support;

/// <summary>The time of a simulation, as the platform's abstraction. Its timers do not keep a network busy.</summary>
internal sealed class VirtualClock(SimScheduler scheduler) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now;

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(scheduler.Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }
}
