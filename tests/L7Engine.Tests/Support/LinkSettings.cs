namespace L7Engine.Tests.Support;

/// <summary>What a connection is made of, per direction. A connection keeps what was set when it was opened.</summary>
internal sealed record LinkSettings
{
    /// <summary>Between a send and its arrival.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Added to the latency, by the seed, up to this much. Order is kept.</summary>
    public TimeSpan MaxJitter { get; init; }

    /// <summary>Bytes that the sending side holds until they arrive.</summary>
    public int SendBufferBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes that have arrived and were not received yet.</summary>
    public int ReceiveBufferBytes { get; init; } = 16 * 1024;

    public Faults Faults { get; init; } = Faults.None;
}
