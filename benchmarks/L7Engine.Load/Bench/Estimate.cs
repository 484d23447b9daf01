namespace L7Engine.Load.Bench;

/// <summary>What is known about a figure.</summary>
/// <param name="Median">Over the blocks that are valid.</param>
/// <param name="Low">The lower end of its 95 % interval.</param>
/// <param name="High">The upper end.</param>
public sealed record Estimate(double Median, double Low, double High)
{
    /// <summary>Blocks without which no interval can hold 95 %: five may all lie on one side of the true median in 1
    /// of 16 runs, six in 1 of 32.</summary>
    public const int LeastBlocks = 6;

    /// <summary>True when both may be the same: neither can be called the greater one.</summary>
    public bool Overlaps(Estimate other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Low <= other.High && other.Low <= High;
    }
}
