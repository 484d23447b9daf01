using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Configuration;

/// <summary>The timeouts in ticks of the wheel, but for those that a listener may set: they are in its plan.</summary>
internal sealed class TimeoutTicks(Timeouts timeouts)
{
    public long BackendConnect { get; } = TimerWheel.TicksOf(timeouts.BackendConnect);

    /// <summary>One for all connections: there is no minimum rate for backends.</summary>
    public WriteClock BackendSend { get; } = new(TimerWheel.TicksOf(timeouts.BackendSendGap));

    public long BackendResponse { get; } = TimerWheel.TicksOf(timeouts.BackendResponse);

    public long BackendBodyGap { get; } = TimerWheel.TicksOf(timeouts.BackendBodyGap);

    public long TunnelIdle { get; } = TimerWheel.TicksOf(timeouts.TunnelIdle);

    public long Linger { get; } = TimerWheel.TicksOf(timeouts.Linger);

    public long LingerTotal { get; } = TimerWheel.TicksOf(timeouts.LingerTotal);

    public long EarlyAnswerDrain { get; } = TimerWheel.TicksOf(timeouts.EarlyAnswerDrain);
}
