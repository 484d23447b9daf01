namespace L7Engine.Balancing;

/// <summary>Picks the backend with the fewest requests in flight for its weight; of several, the one whose turn it is.
/// </summary>
/// <remarks>
/// Not thread-safe: one loop owns it. The counts are those of all loops. Source: "weighted least-connection" of the
/// Linux Virtual Server, with nginx's way of breaking ties.
/// </remarks>
internal sealed class LeastConnections(SmoothWeightedRoundRobin turn, int count) : IBalancingPolicy
{
    private readonly double[] _loads = new double[count];
    private readonly bool[] _left = new bool[count];

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        double least = double.PositiveInfinity;
        for (int i = 0; i < _loads.Length; i++)
        {
            // Read once: other loops change it.
            _loads[i] = candidates.IsAvailable(i)
                ? candidates.InFlight(i) / candidates.Weight(i)
                : double.PositiveInfinity;
            least = Math.Min(least, _loads[i]);
        }

        if (double.IsPositiveInfinity(least))
        {
            return -1;
        }

        int picked = -1;
        int ties = 0;
        for (int i = 0; i < _loads.Length; i++)
        {
            _left[i] = _loads[i] > least;
            (picked, ties) = _left[i] ? (picked, ties) : (i, ties + 1);
        }

        return ties == 1 ? picked : Among(key, candidates);
    }

    // Another loop may have taken the last place of each of them meanwhile.
    private int Among(ulong key, in BalancingCandidates candidates)
    {
        int picked = turn.Pick(key, candidates.Without(_left));
        return picked >= 0 ? picked : turn.Pick(key, candidates);
    }
}
