using System.Text;

namespace L7Engine.Balancing;

/// <summary>
/// Sends requests with the same key to the same backend, whichever loop or engine has them; when a backend comes or
/// goes, only its own keys move.
/// </summary>
/// <remarks>
/// Not thread-safe: one loop owns it. Weighted rendezvous hashing: each backend draws, by key and address, when it
/// would arrive in a race in which its weight is its rate, and the first one available wins. Exact for any weights,
/// also for such as change with each pick, and nothing has to be built; a pick looks at every backend, as the bound on
/// the load needs anyway. Sources: Thaler and Ravishankar (1998); Mirrokni, Thorup and Zadimoghaddam, "Consistent
/// Hashing with Bounded Loads" (2018).
/// </remarks>
internal sealed class ConsistentHash : IBalancingPolicy
{
    private const double Unit = 1.0 / (1L << 53);

    private readonly HashKey _input;
    private readonly double _boundedLoad;
    private readonly SmoothWeightedRoundRobin _turn;
    private readonly ulong[] _backends;

    /// <param name="input">What of a request is its key. Those without take turns.</param>
    /// <param name="boundedLoad">How many times its share a backend may have in flight, from 1; 0 for no bound.</param>
    /// <param name="addresses">Of the backends, as text.</param>
    public ConsistentHash(HashKey input, double boundedLoad, SmoothWeightedRoundRobin turn, string[] addresses)
    {
        _input = input;
        _boundedLoad = boundedLoad;
        _turn = turn;
        _backends = Array.ConvertAll(addresses, a => StableHash.Of(Encoding.UTF8.GetBytes(a)));
    }

    public ulong KeyOf(in BalancingRequest request) => _input.Of(request);

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        if (key == 0)
        {
            return _turn.Pick(key, candidates);
        }

        int picked = First(key, candidates, _boundedLoad > 0 ? MostPerWeight(candidates) : double.PositiveInfinity);

        // Other loops count, too: since the sum was made every backend may have come to its bound.
        return picked >= 0 ? picked : First(key, candidates, double.PositiveInfinity);
    }

    /// <summary>What a backend may have in flight for each unit of its weight, this request included.</summary>
    private double MostPerWeight(in BalancingCandidates candidates)
    {
        double weights = 0;
        long inFlight = 1;
        for (int i = 0; i < _backends.Length; i++)
        {
            if (candidates.IsAvailable(i))
            {
                weights += candidates.Weight(i);
                inFlight += candidates.InFlight(i);
            }
        }

        return _boundedLoad * inFlight / weights;
    }

    private int First(ulong key, in BalancingCandidates candidates, double mostPerWeight)
    {
        int first = -1;
        double earliest = double.PositiveInfinity;
        for (int i = 0; i < _backends.Length; i++)
        {
            if (!candidates.IsAvailable(i) || IsAtBound(i, candidates, mostPerWeight))
            {
                continue;
            }

            // In (0, 1]. Of a draw u the arrival is -ln(u) over the weight; that is 1 - u or more, which is cheaper to
            // know, and nearly always enough to see that somebody else is earlier.
            double draw = ((StableHash.Mix(key ^ _backends[i]) >> 11) + 1) * Unit;
            double weight = candidates.Weight(i);
            if (first < 0 || 1 - draw < earliest * weight)
            {
                double arrival = -Math.Log(draw) / weight;
                (first, earliest) = first < 0 || arrival < earliest ? (i, arrival) : (first, earliest);
            }
        }

        return first;
    }

    private static bool IsAtBound(int index, in BalancingCandidates candidates, double mostPerWeight) =>
        !double.IsPositiveInfinity(mostPerWeight)
        && candidates.InFlight(index) >= Math.Ceiling(mostPerWeight * candidates.Weight(index));
}
