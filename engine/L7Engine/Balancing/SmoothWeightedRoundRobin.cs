using System.Diagnostics;

namespace L7Engine.Balancing;

/// <summary>Picks candidates in turn, each as often as its weight says and its turns spread out.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. Source: nginx, "smooth weighted round-robin": every candidate gains its weight,
/// the richest is picked and pays what all gained. Weights 5, 1, 1 give a a b a c a a, not a a a a a b c.
/// </remarks>
internal sealed class SmoothWeightedRoundRobin
{
    // A start further in than this is as good as any; finding it costs a pick each.
    private const int MaxStartSteps = 4_096;

    private readonly int[] _weights;
    private readonly long[] _credits;

    /// <param name="weights">0 is never picked.</param>
    /// <param name="startOffset">
    /// How far into the turn to begin, from 0 up. Drawn at random for each loop: if all began with the first candidate,
    /// it would get the first request of every loop at the same moment.
    /// </param>
    public SmoothWeightedRoundRobin(ReadOnlySpan<int> weights, int startOffset)
    {
        Debug.Assert(!weights.ContainsAnyInRange(int.MinValue, -1), "Weights are checked when the configuration is.");
        Debug.Assert(startOffset >= 0);
        _weights = InLowestTerms(weights);
        _credits = new long[weights.Length];

        long turn = Math.Max(1, _weights.Sum(w => (long)w));
        for (long steps = startOffset % Math.Min(turn, MaxStartSteps); steps > 0; steps--)
        {
            Pick([]);
        }
    }

    /// <param name="excluded">True for each candidate that must not be picked; empty excludes none.</param>
    /// <returns>The index of the picked one, or -1 when none is left.</returns>
    public int Pick(ReadOnlySpan<bool> excluded)
    {
        Debug.Assert(excluded.IsEmpty || excluded.Length == _weights.Length);
        int picked = -1;
        long gained = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            // Whoever is left out gains nothing: it would come back with a credit and take all turns for a while.
            if (_weights[i] == 0 || (!excluded.IsEmpty && excluded[i]))
            {
                continue;
            }

            _credits[i] += _weights[i];
            gained += _weights[i];
            if (picked < 0 || _credits[i] > _credits[picked])
            {
                picked = i;
            }
        }

        if (picked >= 0)
        {
            _credits[picked] -= gained;
        }

        return picked;
    }

    private static int[] InLowestTerms(ReadOnlySpan<int> weights)
    {
        int divisor = 0;
        foreach (int weight in weights)
        {
            divisor = GreatestCommonDivisor(divisor, weight);
        }

        int[] reduced = weights.ToArray();
        for (int i = 0; i < reduced.Length && divisor > 1; i++)
        {
            reduced[i] /= divisor;
        }

        return reduced;
    }

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
