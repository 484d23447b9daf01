using HdrHistogram;

namespace L7Engine.Load.Traffic;

/// <summary>What one thread counts.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LoadTally
{
    private const long LongestNanoseconds = 3_600_000_000_000;

    /// <summary>Responses that were right and came in the time that counts.</summary>
    public long Completed { get; set; }

    /// <summary>Connections that were opened in the time that counts.</summary>
    public long Opened { get; set; }

    /// <summary>Right responses from the first request to the last, warm-up included.</summary>
    public long TotalCompleted { get; set; }

    /// <summary>Connections from the first request to the last.</summary>
    public long TotalOpened { get; set; }

    public long ReceivedBytes { get; set; }

    public long[] Failures { get; } = new long[Enum.GetValues<LoadFailure>().Length];

    /// <summary>The newest status that was not the expected one; 0 when there was none.</summary>
    public int WrongStatus { get; set; }

    /// <summary>From the moment in which a request should have been sent to the last byte of its response; in
    /// nanoseconds, to three digits.</summary>
    public LongHistogram Latency { get; } = new(LongestNanoseconds, 3);

    public void AddLatency(long nanoseconds) =>
        Latency.RecordValue(Math.Clamp(nanoseconds, 1, LongestNanoseconds));
}
