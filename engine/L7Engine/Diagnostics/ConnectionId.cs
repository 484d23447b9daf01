using System.Globalization;

namespace L7Engine.Diagnostics;

/// <summary>Names one connection for good: its slot, and how many connections had the slot before.</summary>
/// <remarks>A slot is used again, an id never: what holds the id of a closed connection finds nothing.</remarks>
internal readonly record struct ConnectionId(int Slot, uint Generation)
{
    /// <summary>A number that looks drawn by lot: of the seed, always the same for this connection.</summary>
    /// <remarks>Source: the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
    /// generators").</remarks>
    public ulong Draw(int seed)
    {
        ulong z = (((ulong)Generation << 32) | (uint)Slot) + (0x9e3779b97f4a7c15 * ((ulong)(uint)seed + 1));
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slot:x}-{Generation:x}");
}
