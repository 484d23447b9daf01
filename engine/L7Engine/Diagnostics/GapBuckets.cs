using System.Numerics;

namespace L7Engine.Diagnostics;

/// <summary>The classes by which idle ages are counted: 16 to each doubling, from 1 ms to 300 s.</summary>
/// <remarks>
/// An asked timeout is an edge, so that what is read off there is exact. A second edge follows it two ticks later: the
/// closes that the timeout itself makes come in between, and must not look as if they had been watched for as long as
/// the rest of a wider class.
/// </remarks>
internal static class GapBuckets
{
    private const int ClassesPerOctave = 16;
    private const int ClassBits = 4;
    private const int CloseMilliseconds = 200;
    private const int Longest = 300_000;

    private static readonly int[] EdgesOf = [.. AllEdges().Distinct().Order()];
    private static readonly int[] FirstOf = [.. Enumerable.Range(0, PlainIndexOf(Longest) + 1)
        .Select(plain => Array.BinarySearch(EdgesOf, PlainEdgeOf(plain)))];

    /// <summary>The idle timeouts that are asked about, in milliseconds.</summary>
    public static ReadOnlySpan<int> AskedMilliseconds =>
        [1_000, 5_000, 15_000, 30_000, 60_000, 75_000, 120_000, Longest];

    public static int Count => EdgesOf.Length;

    /// <summary>Where each class begins, in milliseconds. The last one has no end.</summary>
    public static ReadOnlySpan<int> Edges => EdgesOf;

    /// <summary>The class of an age; none is too long.</summary>
    public static int IndexOf(long milliseconds)
    {
        int age = (int)Math.Clamp(milliseconds, 0, Longest);
        int index = FirstOf[PlainIndexOf(age)];

        // An asked timeout and what follows it may lie inside.
        while (index + 1 < EdgesOf.Length && age >= EdgesOf[index + 1])
        {
            index++;
        }

        return index;
    }

    private static IEnumerable<int> AllEdges()
    {
        for (int plain = 0; plain <= PlainIndexOf(Longest); plain++)
        {
            yield return PlainEdgeOf(plain);
        }

        foreach (int asked in AskedMilliseconds.ToArray())
        {
            yield return asked;
            yield return Math.Min(asked + CloseMilliseconds, Longest);
        }
    }

    // Below 16 ms the classes are single milliseconds, as fine as the loop's time is.
    private static int PlainIndexOf(int age)
    {
        int shift = Math.Max(BitOperations.Log2((uint)age | 1) - ClassBits, 0);
        return (shift * ClassesPerOctave) + (age >> shift);
    }

    private static int PlainEdgeOf(int plain)
    {
        int shift = Math.Max((plain / ClassesPerOctave) - 1, 0);
        return (plain - (shift * ClassesPerOctave)) << shift;
    }
}
