using HdrHistogram;

namespace L7Engine.Load.Traffic;

/// <summary>What one thread counts.</summary>
/// <remarks>Not thread-safe. Times are in nanoseconds.</remarks>
internal sealed class LoadTally
{
    private const long LongestNanoseconds = 3_600_000_000_000;

    private long _from;
    private long _end;

    /// <summary>Good responses that came in the time that counts.</summary>
    public long Completed { get; private set; }

    /// <summary>Connections that were opened in the time that counts.</summary>
    public long Opened { get; private set; }

    public long ReceivedBytes { get; private set; }

    /// <summary>Good responses from the first request to the last, warm-up included.</summary>
    public long TotalCompleted { get; private set; }

    /// <summary>Connections from the first request to the last.</summary>
    public long TotalOpened { get; private set; }

    public long[] Failures { get; } = new long[Enum.GetValues<LoadFailure>().Length];

    /// <summary>The newest status that was not the expected one; 0 when there was none.</summary>
    public int WrongStatus { get; set; }

    /// <summary>From the moment in which a request should have been sent to the last byte of its response; in
    /// nanoseconds, to three digits.</summary>
    public LongHistogram Latency { get; } = new(LongestNanoseconds, 3);

    /// <summary>Sets the time that counts.</summary>
    public void Begin(long from, long end) => (_from, _end) = (from, end);

    /// <summary>Ends the time that counts, if it has not ended yet.</summary>
    public void End(long now) => _end = Math.Min(_end, now);

    /// <summary>The time that counted.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(Math.Max(0, _end - _from) / 100);

    public void AddFailure(LoadFailure failure) => Failures[(int)failure]++;

    public void AddOpened(long now)
    {
        TotalOpened++;
        Opened += Counts(now) ? 1 : 0;
    }

    public void AddReceived(long now, int bytes) => ReceivedBytes += Counts(now) ? bytes : 0;

    public void AddResponse(long now, long intended)
    {
        TotalCompleted++;
        Completed += Counts(now) ? 1 : 0;
        if (Counts(intended))
        {
            Latency.RecordValue(Math.Clamp(now - intended, 1, LongestNanoseconds));
        }
    }

    private bool Counts(long time) => time >= _from && time < _end;
}
