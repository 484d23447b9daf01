namespace L7Engine;

/// <summary>What other idle timeouts would do on one listener, computed from the gaps that were seen.</summary>
/// <remarks>
/// A gap is the time between a response and what came next on its connection. This takes for granted that closing
/// does not change when clients ask: that a client which finds its connection closed asks at the same moment on a new
/// one. Gaps that are longer than the timeout in force are seen only where
/// <see cref="KeepAliveOptions.ExploreShare"/> lets some connections wait longer. What was counted 10 minutes ago
/// counts half as much as what is counted now, and gaps that still go on do not count yet: wait for some of the
/// longest.
/// </remarks>
public sealed record WhatIfCurve
{
    /// <summary>The name of the listener.</summary>
    public required string Listener { get; init; }

    /// <summary>The idle timeout in force; 0 when connections do not persist.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Gaps that this is computed from, the older ones counted in part.</summary>
    public required long Gaps { get; init; }

    /// <summary>Idle timeouts of 1, 5, 15, 30, 60, 75, 120 and 300 s, the shortest first.</summary>
    public required IReadOnlyList<WhatIfPoint> Points { get; init; }
}
