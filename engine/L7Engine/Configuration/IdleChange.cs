namespace L7Engine.Configuration;

/// <summary>How long connections of one listener stay idle once another configuration is in force.</summary>
/// <remarks>
/// Immutable. An idle connection does not know which route gave it its timeout: that would cost every one of them. Its
/// old timeout tells; of routes that had the same one, the listener's comes first.
/// </remarks>
internal sealed class IdleChange
{
    private readonly Dictionary<long, long> _after = [];
    private readonly PersistencePlan _listener;

    public IdleChange(PersistencePlan before, Snapshot was, PersistencePlan after, Snapshot next)
    {
        _listener = after;
        Add(before, after);
        for (int i = 0; i < was.Routes.Length; i++)
        {
            int same = next.IndexOfRoute(was.RouteOptions[i]);
            Add(was.Routes[i].Over(before), same < 0 ? after : next.Routes[same].Over(after));
        }
    }

    /// <summary>The new timeout for a connection that had this one, in ticks.</summary>
    /// <remarks>Where none is kept any more those that were stay, and go with their next response.</remarks>
    public long After(long ticks) =>
        _after.TryGetValue(ticks, out long after) ? after : _listener.Persists ? _listener.IdleTicks : ticks;

    private void Add(in PersistencePlan before, in PersistencePlan after) =>
        _after.TryAdd(before.IdleTicks, after.Persists ? after.IdleTicks : before.IdleTicks);
}
