using HdrHistogram;

namespace L7Engine.Load.Traffic;

/// <summary>What came of a load, over all its threads.</summary>
public sealed class LoadResult
{
    private readonly LongHistogram _latency;

    internal LoadResult(LoadTally[] tallies)
    {
        Duration = tallies.Max(t => t.Duration);
        Completed = tallies.Sum(t => t.Completed);
        ConnectionsOpened = tallies.Sum(t => t.Opened);
        TotalCompleted = tallies.Sum(t => t.TotalCompleted);
        TotalConnectionsOpened = tallies.Sum(t => t.TotalOpened);
        ReceivedBytes = tallies.Sum(t => t.ReceivedBytes);
        Failures = Enum.GetValues<LoadFailure>()
            .Select(f => (Failure: f, Count: tallies.Sum(t => t.Failures[(int)f])))
            .Where(f => f.Count > 0)
            .ToDictionary(f => f.Failure, f => f.Count);
        WrongStatus = tallies.Select(t => t.WrongStatus).FirstOrDefault(s => s != 0);
        _latency = tallies[0].Latency;
        foreach (LoadTally tally in tallies.Skip(1))
        {
            _latency.Add(tally.Latency);
        }
    }

    /// <summary>The time that counted.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Right responses in that time.</summary>
    public long Completed { get; }

    /// <summary>Right responses a second.</summary>
    public double RequestsPerSecond => Completed == 0 ? 0 : Completed / Duration.TotalSeconds;

    /// <summary>Connections opened in that time.</summary>
    public long ConnectionsOpened { get; }

    /// <summary>Right responses from the first request to the last, warm-up included.</summary>
    public long TotalCompleted { get; }

    /// <summary>Connections opened from the first request to the last, warm-up included.</summary>
    public long TotalConnectionsOpened { get; }

    /// <summary>Bytes received in that time, heads included.</summary>
    public long ReceivedBytes { get; }

    /// <summary>Requests that failed, by cause; a cause that did not occur is left out.</summary>
    public IReadOnlyDictionary<LoadFailure, long> Failures { get; }

    /// <summary>How many requests failed.</summary>
    public long Failed => Failures.Values.Sum();

    /// <summary>A status that was not the expected one, such as the newest; 0 when all were right.</summary>
    public int WrongStatus { get; }

    /// <summary>The longest latency.</summary>
    public TimeSpan MaxLatency => OfNanoseconds(_latency.TotalCount > 0 ? _latency.GetMaxValue() : 0);

    /// <summary>The mean latency.</summary>
    public TimeSpan MeanLatency => OfNanoseconds(_latency.TotalCount > 0 ? (long)_latency.GetMean() : 0);

    /// <summary>The latency that a share of the requests did not exceed, from the moment in which each should have been
    /// sent.</summary>
    /// <param name="percent">0 to 100.</param>
    public TimeSpan LatencyAt(double percent) =>
        OfNanoseconds(_latency.TotalCount > 0 ? _latency.GetValueAtPercentile(percent) : 0);

    /// <summary>How often each latency was seen, in nanoseconds, rising.</summary>
    internal IEnumerable<(long Nanoseconds, long Count)> Latencies =>
        _latency.RecordedValues().Select(v => (v.ValueIteratedTo, v.CountAddedInThisIterationStep));

    private static TimeSpan OfNanoseconds(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / 100);
}
