namespace L7Engine.Load.Traffic;

/// <summary>Draws what is asked for next.</summary>
/// <remarks>Not thread-safe: one thread owns it.</remarks>
internal sealed class RequestMix
{
    private readonly RenderedRequest[] _kept;
    private readonly RenderedRequest[] _closing;
    private readonly int[] _upTo;

    public RequestMix(IReadOnlyList<RequestKind> kinds, string host)
    {
        _kept = [.. kinds.Select(kind => new RenderedRequest(kind, host, saysClose: false))];
        _closing = [.. kinds.Select(kind => new RenderedRequest(kind, host, saysClose: true))];
        _upTo = new int[kinds.Count];
        for (int i = 0, sum = 0; i < kinds.Count; i++)
        {
            _upTo[i] = sum += kinds[i].Weight;
        }
    }

    /// <param name="saysClose">The connection ends with it.</param>
    public RenderedRequest Next(Random random, bool saysClose)
    {
        RenderedRequest[] requests = saysClose ? _closing : _kept;
        if (requests.Length == 1)
        {
            return requests[0];
        }

        int drawn = random.Next(_upTo[^1]);
        int index = Array.FindIndex(_upTo, end => drawn < end);
        return requests[index];
    }
}
