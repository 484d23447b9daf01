namespace L7Engine.Backends.Reuse;

/// <summary>How long a connection may have been idle and still be used, given when its backend closes it.</summary>
/// <remarks>All in milliseconds. A deadline of 0 is one that is not known.</remarks>
internal static class IdleDeadlineRule
{
    public const long Unlimited = long.MaxValue;

    /// <summary>For a request that can be sent again; at that age the pool closes first.</summary>
    /// <param name="roundTrip">A request is a half of it on its way, and so is the backend's end; the other round trip
    /// is for its swings.</param>
    public static long OldestForRepeatable(long deadline, long roundTrip) => deadline == 0
        ? Unlimited
        : Math.Max(0, deadline - Math.Clamp(deadline / 5, 100, 1_000) - (2 * roundTrip));

    /// <summary>For a request that can be sent only once: so short that no backend has closed by then.</summary>
    /// <param name="setting">Of <see cref="PoolOptions.NonIdempotentReuse"/>; 0 is never.</param>
    public static long OldestForUnrepeatable(long setting, long deadline, long roundTrip) => deadline == 0
        ? setting
        : Math.Min(Math.Min(setting, deadline / 2), OldestForRepeatable(deadline, roundTrip));

    /// <summary>Past this age a connection that is still open speaks against the deadline.</summary>
    public static long FirstAgainst(long deadline, long roundTrip) => EndOfWindow(deadline) + (2 * roundTrip);

    /// <summary>Up to this age a connection may wait, to find out whether the backend has a longer deadline now.
    /// </summary>
    public static long OldestForProbe(long deadline, long roundTrip) =>
        Math.Max(deadline + (deadline / 4), FirstAgainst(deadline, roundTrip) + 500);

    /// <summary>Closes from the age of one to here are taken for the same deadline.</summary>
    public static long EndOfWindow(long age) => age + (age / 20) + 100;
}
