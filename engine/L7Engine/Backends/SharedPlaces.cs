using System.Runtime.InteropServices;

namespace L7Engine.Backends;

/// <summary>A number of places that all loops share, such as those of the idle connections to one backend.</summary>
/// <remarks>Thread-safe: interlocked.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 3 * LineBytes)]
internal sealed class SharedPlaces
{
    // Two cache lines, as processors fetch them in pairs: every request writes the count, and what lies beside it in
    // memory is read by every loop.
    private const int LineBytes = 2 * 64;

    [FieldOffset(LineBytes)]
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for one, however many are taken. It must be given back once.</summary>
    public void Take() => Interlocked.Increment(ref _count);

    /// <summary>Takes a place for one. It must be given back once.</summary>
    /// <param name="max">How many there are. It is never exceeded, unless it was lowered.</param>
    public bool TryTake(int max)
    {
        int seen = Count;
        while (seen < max)
        {
            int before = Interlocked.CompareExchange(ref _count, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void Release() => Interlocked.Decrement(ref _count);
}
