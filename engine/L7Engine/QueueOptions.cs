using L7Engine.Configuration;

namespace L7Engine;

/// <summary>The requests of a group that wait while all of its backends have as many as they may.</summary>
/// <remarks>
/// Clients have their turns, so that nobody waits longer because another asks for much. When the queue is full, a
/// client that has more in it than the one that comes makes room with its newest.
/// </remarks>
public sealed record QueueOptions
{
    /// <summary>Requests that may wait, over all loops.</summary>
    /// <value>Default 1,024. Range 0 to 1,000,000; 0 lets none wait. Past it 503 with Retry-After.</value>
    public int MaxWaiting { get; init; } = 1_024;

    /// <summary>The longest wait of a request.</summary>
    /// <value>Default 10 s. Range 100 ms to 1 h. Past it 503 with Retry-After, and the connection closes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireRange(MaxWaiting, 0, 1_000_000);
        errors.RequireDuration(Timeout, ConfigErrors.Tick, TimeSpan.FromHours(1));
    }
}
