namespace L7Engine.Tests.Support;

/// <summary>Something that the scheduler runs: a loop's turn, the delivery of a flow.</summary>
internal sealed class SimActor(Action run)
{
    public const long Never = long.MaxValue;

    public Action Run { get; } = run;

    internal bool IsRunnable { get; set; }

    /// <summary>When the network wakes it; an entry of the queue that says something else is out of date.</summary>
    internal long WakesAt { get; set; } = Never;

    /// <summary>When its timers wake it.</summary>
    internal long TicksAt { get; set; } = Never;
}
