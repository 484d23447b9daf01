namespace L7Engine.Backends;

/// <summary>Which idle connections of a pool nobody needs.</summary>
/// <remarks>
/// The newest connection is used first, so that one which was idle for the whole window is one more than the most that
/// was needed at any moment of it: no maximum has to be kept.
/// </remarks>
internal static class PoolTrimming
{
    /// <summary>A connection that was idle for so long was not needed.</summary>
    public const long WindowMilliseconds = 10_000;

    /// <summary>So many stay until the idle timeout, though they were not needed: for the next request.</summary>
    public const int SparedCount = 1;
}
