namespace L7Engine.Tests.Support;

/// <summary>A timer of a simulation that fires once, in a turn of its own.</summary>
internal sealed class VirtualTimer : ITimer
{
    private readonly SimScheduler _scheduler;
    private readonly Action _fire;
    private readonly SimActor _actor;
    private long _dueAt = SimActor.Never;

    public VirtualTimer(SimScheduler scheduler, Action fire)
    {
        (_scheduler, _fire) = (scheduler, fire);
        _actor = new SimActor(Run);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
        {
            throw new NotSupportedException("It fires once.");
        }

        _dueAt = dueTime == Timeout.InfiniteTimeSpan ? SimActor.Never : _scheduler.Now + dueTime.Ticks;
        if (_dueAt != SimActor.Never)
        {
            _scheduler.TickAt(_actor, _dueAt);
        }

        return true;
    }

    public void Dispose() => _dueAt = SimActor.Never;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    // It may have been moved since it was asked for.
    private void Run()
    {
        if (_dueAt > _scheduler.Now)
        {
            Change(_dueAt == SimActor.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(_dueAt - _scheduler.Now), Timeout.InfiniteTimeSpan);
            return;
        }

        _dueAt = SimActor.Never;
        _fire();
    }
}
