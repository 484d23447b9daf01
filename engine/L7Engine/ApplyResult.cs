namespace L7Engine;

/// <summary>What applying a configuration has changed, in numbers.</summary>
/// <param name="ListenersKept">Stayed open, with all their connections.</param>
/// <param name="ListenersOpened">Were opened.</param>
/// <param name="ListenersClosed">Accept no more; their clients are drained.</param>
/// <param name="BackendsKept">Stayed, with their idle connections and their counts.</param>
/// <param name="BackendsAdded">Came.</param>
/// <param name="BackendsRemoved">Get no new requests; those in flight may end.</param>
public readonly record struct ApplyResult(
    int ListenersKept, int ListenersOpened, int ListenersClosed, int BackendsKept, int BackendsAdded,
    int BackendsRemoved);
