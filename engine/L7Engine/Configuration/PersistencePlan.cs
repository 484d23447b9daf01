using L7Engine.Timing;

namespace L7Engine.Configuration;

/// <summary>Whether connections stay open after a response, and for how long: as the listener has it, or its route.
/// </summary>
/// <param name="IdleTicks">0 keeps none.</param>
internal readonly record struct PersistencePlan(bool IsEnabled, long IdleTicks)
{
    public bool Persists => IsEnabled && IdleTicks > 0;

    /// <summary>What the client may be told: a second less, so that it stops reusing before we close.</summary>
    /// <value>0 where there is nothing worth telling.</value>
    public int AnnouncedSeconds => (int)Math.Max(0, (IdleTicks / TimerWheel.TicksPerSecond) - 1);

    public static PersistencePlan Of(KeepAliveOptions options) =>
        new(options.Enabled, TimerWheel.TicksOf(options.IdleTimeout));
}
