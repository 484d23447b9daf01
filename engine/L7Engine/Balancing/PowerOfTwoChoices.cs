namespace L7Engine.Balancing;

/// <summary>Draws two backends by weight and picks the one with fewer requests in flight for its weight.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing"
/// (2001): nearly the evenness of least connections, and without all engines falling on the one that has just become
/// the least busy.
/// </remarks>
internal sealed class PowerOfTwoChoices(Random random, int count) : IBalancingPolicy
{
    private readonly double[] _weights = new double[count];

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        double total = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = candidates.IsAvailable(i) ? candidates.Weight(i) : 0;
            total += _weights[i];
        }

        int first = Draw(total);
        if (first < 0)
        {
            return -1;
        }

        // The two always differ: the first has no weight in the second draw.
        total -= _weights[first];
        _weights[first] = 0;
        int second = Draw(total);
        return second < 0 || Load(candidates, first) <= Load(candidates, second) ? first : second;
    }

    private static double Load(in BalancingCandidates candidates, int index) =>
        candidates.InFlight(index) / candidates.Weight(index);

    private int Draw(double total)
    {
        double left = random.NextDouble() * total;
        int last = -1;
        for (int i = 0; i < _weights.Length; i++)
        {
            if (_weights[i] > 0)
            {
                // What rounding leaves over at the end falls to the last.
                last = i;
                left -= _weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return last;
    }
}
