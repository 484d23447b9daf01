using L7Engine.Timing;

namespace L7Engine.Configuration;

/// <summary>The timeouts in ticks of the wheel.</summary>
internal sealed class TimeoutTicks(Timeouts timeouts)
{
    public long RequestHead { get; } = TimerWheel.TicksOf(timeouts.RequestHead);

    public long RequestBodyGap { get; } = TimerWheel.TicksOf(timeouts.RequestBodyGap);

    public long ResponseSendGap { get; } = TimerWheel.TicksOf(timeouts.ResponseSendGap);

    public long BackendConnect { get; } = TimerWheel.TicksOf(timeouts.BackendConnect);

    public long BackendSendGap { get; } = TimerWheel.TicksOf(timeouts.BackendSendGap);

    public long BackendResponse { get; } = TimerWheel.TicksOf(timeouts.BackendResponse);

    public long BackendBodyGap { get; } = TimerWheel.TicksOf(timeouts.BackendBodyGap);

    public long TunnelIdle { get; } = TimerWheel.TicksOf(timeouts.TunnelIdle);

    public long Linger { get; } = TimerWheel.TicksOf(timeouts.Linger);

    public long LingerTotal { get; } = TimerWheel.TicksOf(timeouts.LingerTotal);

    public long EarlyAnswerDrain { get; } = TimerWheel.TicksOf(timeouts.EarlyAnswerDrain);
}
