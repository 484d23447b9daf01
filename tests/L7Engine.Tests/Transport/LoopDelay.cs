using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Tests.Transport;

/// <summary>A wait in loop time, for scenarios: it holds on every transport.</summary>
internal sealed class LoopDelay : TimerEntry
{
    private readonly LoopCompletion<bool> _end = new();

    public static ValueTask<bool> Of(EventLoop loop, int ticks)
    {
        var delay = new LoopDelay();
        loop.Wheel.Arm(delay, loop.Wheel.TickAfter(ticks));
        return delay._end.WaitAsync();
    }

    protected internal override void OnDue() => _end.Complete(true);
}
