namespace L7Engine.Host.Demo;

/// <summary>What the clients did in all phases of one kind.</summary>
/// <remarks>Thread-safe: every client counts here.</remarks>
internal sealed class DemoTally(string kind)
{
    private long _requests;
    private long _failures;
    private long _connections;
    private long _elapsedTicks;

    public string Kind => kind;

    public long Requests => Interlocked.Read(ref _requests);

    public long Failures => Interlocked.Read(ref _failures);

    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Time in phases of this kind that have ended.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _elapsedTicks));

    /// <summary>Requests a second over the phases that have ended; 0 before the first has.</summary>
    public double RequestsPerSecond => Elapsed > TimeSpan.Zero ? Requests / Elapsed.TotalSeconds : 0;

    public void CountConnection() => Interlocked.Increment(ref _connections);

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public void EndPhase(TimeSpan elapsed) => Interlocked.Add(ref _elapsedTicks, elapsed.Ticks);
}
