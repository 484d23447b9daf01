namespace L7Engine.Load.Traffic;

/// <summary>How long clients wait between a response and their next request.</summary>
/// <remarks>Immutable; what is drawn depends on the given generator alone.</remarks>
public sealed class ThinkTime
{
    private readonly Func<Random, TimeSpan> _draw;

    private ThinkTime(Func<Random, TimeSpan> draw) => _draw = draw;

    /// <summary>Not at all.</summary>
    public static ThinkTime None { get; } = new(_ => TimeSpan.Zero);

    /// <summary>Always the same time.</summary>
    public static ThinkTime Constant(TimeSpan time) => new(_ => time);

    /// <summary>Any time between two, each as likely.</summary>
    public static ThinkTime Uniform(TimeSpan least, TimeSpan most) =>
        new(random => least + ((most - least) * random.NextDouble()));

    /// <summary>Exponentially distributed, as of clients that do not know of each other.</summary>
    public static ThinkTime Exponential(TimeSpan mean) =>
        new(random => mean * -Math.Log(1 - random.NextDouble()));

    /// <summary>One of the gaps that were recorded, each as likely.</summary>
    /// <param name="gaps">At least one.</param>
    public static ThinkTime Recorded(IReadOnlyList<TimeSpan> gaps)
    {
        ArgumentOutOfRangeException.ThrowIfZero(gaps.Count, nameof(gaps));
        return new ThinkTime(random => gaps[random.Next(gaps.Count)]);
    }

    internal TimeSpan Draw(Random random) => _draw(random);
}
