using System.Diagnostics;

namespace L7Engine.Balancing;

/// <summary>Picks candidates in turn, each as often as its weight says and its turns spread out.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. Source: nginx, "smooth weighted round-robin": every candidate gains its weight,
/// the richest is picked and pays what all gained. Weights 5, 1, 1 give a a b a c a a, not a a a a a b c.
/// </remarks>
internal sealed class SmoothWeightedRoundRobin : IBalancingPolicy
{
    // Weights are fractions while a backend warms up; credits are whole, so that nothing is lost by rounding.
    private const double WeightUnit = 1_000;

    // A start further in than this is as good as any; finding it costs a pick each.
    private const int MaxStartSteps = 4_096;

    private readonly long[] _credits;

    /// <param name="weights">Those that are configured; 0 is never picked.</param>
    /// <param name="startOffset">
    /// How far into the turn to begin, from 0 up. Drawn at random for each loop: if all began with the first candidate,
    /// it would get the first request of every loop at the same moment.
    /// </param>
    public SmoothWeightedRoundRobin(ReadOnlySpan<int> weights, int startOffset)
    {
        Debug.Assert(!weights.ContainsAnyInRange(int.MinValue, -1), "Weights are checked when the configuration is.");
        Debug.Assert(startOffset >= 0);
        _credits = new long[weights.Length];

        int[] reduced = InLowestTerms(weights);
        long turn = Math.Max(1, reduced.Sum(w => (long)w));
        for (long steps = startOffset % Math.Min(turn, MaxStartSteps); steps > 0; steps--)
        {
            Step(weights);
        }
    }

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        Debug.Assert(candidates.Count == _credits.Length);
        int picked = -1;
        long gained = 0;
        for (int i = 0; i < _credits.Length; i++)
        {
            // Whoever is left out gains nothing: it would come back with a credit and take all turns for a while.
            if (candidates.IsAvailable(i))
            {
                Gain(i, candidates.Weight(i), ref gained, ref picked);
            }
        }

        Pay(picked, gained);
        return picked;
    }

    private void Step(ReadOnlySpan<int> weights)
    {
        int picked = -1;
        long gained = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                Gain(i, weights[i], ref gained, ref picked);
            }
        }

        Pay(picked, gained);
    }

    private void Gain(int index, double weight, ref long gained, ref int picked)
    {
        long units = Math.Max(1, (long)(weight * WeightUnit));
        _credits[index] += units;
        gained += units;
        if (picked < 0 || _credits[index] > _credits[picked])
        {
            picked = index;
        }
    }

    private void Pay(int picked, long gained)
    {
        if (picked >= 0)
        {
            _credits[picked] -= gained;
        }
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
