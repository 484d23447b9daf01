namespace L7Engine.Load.Bench;

/// <summary>One point of the curve of latencies.</summary>
/// <param name="Percent">The share of requests that took no longer; 0 to less than 100.</param>
/// <param name="Microseconds">What they took at most, from the moment in which they should have been sent.</param>
public sealed record LatencyPoint(double Percent, double Microseconds);
