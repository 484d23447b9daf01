namespace L7Engine.Balancing;

/// <summary>Stands between the engine and a policy of the embedder: what goes wrong there costs no request.</summary>
/// <remarks>Not thread-safe: one loop owns it.</remarks>
/// <param name="turn">Picks where the policy fails to.</param>
/// <param name="report">Counts a fault, and tells of it.</param>
internal sealed class GuardedPolicy(IBalancingPolicy own, SmoothWeightedRoundRobin turn, Action<Exception> report)
    : IBalancingPolicy
{
    private const int None = -1;

    public ulong KeyOf(in BalancingRequest request)
    {
        try
        {
            return own.KeyOf(request);
        }
        catch (Exception fault)
        {
            report(fault);
            return 0;
        }
    }

    public int Pick(ulong key, in BalancingCandidates candidates)
    {
        try
        {
            int picked = own.Pick(key, candidates);
            if (picked == None || IsAvailable(candidates, picked))
            {
                return picked;
            }
        }
        catch (Exception fault)
        {
            report(fault);
        }

        return turn.Pick(key, candidates);
    }

    private static bool IsAvailable(in BalancingCandidates candidates, int picked)
    {
        if ((uint)picked >= (uint)candidates.Count)
        {
            string what = string.Create(null, $"{picked} is the index of none of {candidates.Count} backends.");
            throw new InvalidOperationException(what);
        }

        return candidates.IsAvailable(picked);
    }
}
