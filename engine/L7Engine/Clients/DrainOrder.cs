using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Clients;

/// <summary>Which clients are to be drained, and in what time: the same order for every loop.</summary>
/// <remarks>Thread-safe: all but <see cref="IsCut"/> is immutable.</remarks>
internal sealed class DrainOrder
{
    private volatile bool _isCut;

    /// <param name="deadline">How long exchanges may take.</param>
    /// <param name="spread">Over how long the closes of idle connections are spread.</param>
    public DrainOrder(TimeSpan deadline, TimeSpan spread)
    {
        Deadline = deadline;
        DeadlineTicks = TimerWheel.TicksOf(deadline);

        // The other half is for what idle connections still ask at their last moment.
        SpreadTicks = Math.Min(TimerWheel.TicksOf(spread), DeadlineTicks / 2);
    }

    public TimeSpan Deadline { get; }

    public long DeadlineTicks { get; }

    public long SpreadTicks { get; }

    /// <summary>The one listener that stops; null for any.</summary>
    public ListenerPlan? Listener { get; init; }

    /// <summary>The one client that is sent away; null for any.</summary>
    public PeerAddress? Client { get; init; }

    /// <summary>True for the whole engine.</summary>
    public bool IsWhole => Listener is null && Client is null;

    /// <summary>The deadline is over, or was brought forward.</summary>
    public bool IsCut => _isCut;

    public bool Covers(ClientListener listener) => Client is null && (Listener is null || Listener == listener.Plan);

    public bool Covers(ClientConnection connection) =>
        Client is { } client ? connection.IsOf(client) : Covers(connection.Listener);

    public void Cut() => _isCut = true;
}
