using L7Engine;

/// <summary>
/// Keeps requests in the zone of this engine, where the network is short and costs nothing, until the backends there
/// have enough to do; then the least busy of all has them.
/// </summary>
/// <param name="isNear">By index: whether the backend is in our zone.</param>
/// <param name="enough">Requests in flight for each unit of weight.</param>
/// <remarks>Each loop has an instance of its own: nothing here needs a lock.</remarks>
internal sealed class ZonePolicy(bool[] isNear, double enough) : IBalancingPolicy
{
    private int _start;

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        // Begins with another one each time, so that those that are equally busy take turns.
        _start = (_start + 1) % candidates.Count;
        int near = -1;
        int any = -1;
        for (int n = 0; n < candidates.Count; n++)
        {
            int i = (_start + n) % candidates.Count;
            if (candidates.IsAvailable(i))
            {
                near = isNear[i] && IsLess(candidates, i, near) ? i : near;
                any = IsLess(candidates, i, any) ? i : any;
            }
        }

        return near >= 0 && Load(candidates, near) < enough ? near : any;
    }

    private static bool IsLess(in BalancingCandidates candidates, int index, int than) =>
        than < 0 || Load(candidates, index) < Load(candidates, than);

    private static double Load(in BalancingCandidates candidates, int index) =>
        candidates.InFlight(index) / candidates.Weight(index);
}
