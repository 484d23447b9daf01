namespace L7Engine.Tests.Support;

/// <summary>The one source of chance in a simulation: what it yields for a seed is the same on every runtime.</summary>
/// <remarks>Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (SplitMix64).</remarks>
internal sealed class SimRandom(int seed)
{
    private ulong _state = (ulong)seed;

    /// <returns>0 to <paramref name="limit"/> - 1.</returns>
    public int Next(int limit) => (int)Math.BigMul(NextBits(), (ulong)limit, out _);

    /// <returns>0 to <paramref name="limit"/> - 1.</returns>
    public long Next(long limit) => (long)Math.BigMul(NextBits(), (ulong)limit, out _);

    /// <param name="probability">0 is never, 1 is always; a draw is made only in between.</param>
    public bool Chance(double probability) =>
        probability >= 1 || (probability > 0 && (NextBits() >> 11) * (1.0 / (1UL << 53)) < probability);

    private ulong NextBits()
    {
        ulong bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
