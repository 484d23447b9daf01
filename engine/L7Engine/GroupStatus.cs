namespace L7Engine;

/// <summary>What the backends of one group have together, over all loops.</summary>
public sealed record GroupStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Requests that wait for a place, because all backends have as many as they may.</summary>
    public int RequestsWaiting { get; init; }

    /// <summary>Requests that had to wait since the start.</summary>
    public long RequestsQueued { get; init; }

    /// <summary>Those among them that waited for <see cref="QueueOptions.Timeout"/>, and were answered 503.</summary>
    public long QueueTimeouts { get; init; }

    /// <summary>Requests that were answered 503 because the queue was full, or lets none wait.</summary>
    public long QueueRefusals { get; init; }

    /// <summary>Requests whose client went, or was given up, while they waited.</summary>
    public long QueueLeaves { get; init; }

    /// <summary>The longest wait that has ended, whatever came of it.</summary>
    public TimeSpan LongestWait { get; init; }
}
