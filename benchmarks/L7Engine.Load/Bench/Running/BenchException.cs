namespace L7Engine.Load.Bench.Running;

/// <summary>A run cannot begin, or cannot go on. Its message is one line for the one who started it.</summary>
/// <param name="message">What, and what can be done.</param>
/// <param name="isUsage">True when other options would help; false when the machine or another process stands in the
/// way.</param>
public sealed class BenchException(string message, bool isUsage = false) : Exception(message)
{
    /// <summary>True when other options would help.</summary>
    public bool IsUsage { get; } = isUsage;
}
