using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Tests.Transport;

/// <summary>A wait in loop time, for scenarios: it holds on every transport.</summary>
internal sealed class LoopDelay : TimerEntry
{
    // Only what never comes takes two minutes.
    private const int MaxTicks = 120 * TimerWheel.TicksPerSecond;

    private readonly LoopCompletion<bool> _end = new();

    public static ValueTask<bool> Of(EventLoop loop, int ticks)
    {
        var delay = new LoopDelay();
        loop.Wheel.Arm(delay, loop.Wheel.TickAfter(ticks));
        return delay._end.WaitAsync();
    }

    /// <summary>Waits for what comes when the system has told it, which on a busy machine may take its time.</summary>
    public static async Task UntilAsync(EventLoop loop, Func<bool> condition)
    {
        for (int tick = 0; !condition(); tick++)
        {
            await (tick < MaxTicks ? Of(loop, 1) : throw new TimeoutException($"It did not come in {MaxTicks} ticks."));
        }
    }

    protected internal override void OnDue() => _end.Complete(true);
}
