namespace L7Engine.Proxying;

/// <summary>What an exchange has to know of the connection its request came on.</summary>
/// <param name="IsTrusted">The peer is one of the listener's trusted proxies.</param>
/// <param name="IsDraining">The connection is to end with this response.</param>
/// <param name="IsReused">The connection has served a request before.</param>
/// <param name="RequestsLeft">Those that the connection may carry after this one.</param>
/// <param name="IsTooOld">The maximum age of a connection is reached.</param>
/// <param name="IsRefused">The client has too many connections: the request is answered 429, and nothing else.</param>
/// <param name="TryPersist">
/// Takes a place among the client's persistent connections, once everything else lets the connection stay open; null
/// when it needs none, or has one.
/// </param>
internal readonly record struct ClientStanding(
    bool IsTrusted,
    bool IsDraining,
    bool IsReused,
    int RequestsLeft,
    bool IsTooOld,
    bool IsRefused,
    Func<bool>? TryPersist);
