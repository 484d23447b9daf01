using System.Globalization;

namespace L7Engine.Diagnostics;

/// <summary>Names one connection for good: its slot, and how many connections had the slot before.</summary>
/// <remarks>A slot is used again, an id never: what holds the id of a closed connection finds nothing.</remarks>
internal readonly record struct ConnectionId(int Slot, uint Generation)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slot:x}-{Generation:x}");
}
