namespace L7Engine.Load.Bench.Report;

/// <summary>One figure: how it is called, where it is found, and how it is written.</summary>
internal sealed record FigureRow(string Name, Func<BenchFigures, Estimate?> Of, Func<double, string> Text)
{
    /// <summary>All figures, in the order in which they are shown.</summary>
    public static IReadOnlyList<FigureRow> All { get; } =
    [
        new("Throughput, requests/s", f => f.RequestsPerSecond, FigureText.Number),
        new("Client connections/s", f => f.ConnectionsPerSecond, FigureText.Number),
        new("CPU time per request", f => f.CpuMicroseconds, FigureText.Time),
        new("CPU use, of one CPU", f => f.CpuShare, FigureText.Share),
        new("Latency p50", f => f.P50, FigureText.Time),
        new("Latency p90", f => f.P90, FigureText.Time),
        new("Latency p99", f => f.P99, FigureText.Time),
        new("Latency p99.9", f => f.P999, FigureText.Time),
        new("Latency maximum, per block", f => f.Max, FigureText.Time),
        new("Client connections opened, per block", f => f.ClientConnections, FigureText.Number),
        new("Backend connections opened, per block", f => f.BackendConnections, FigureText.Number),
        new("Reuse rate of backend connections", f => f.ReuseRate, FigureText.Share),
        new("Sockets that entered TIME_WAIT, per block", f => f.TimeWait, FigureText.Number),
        new("Bytes allocated per request", f => f.AllocatedBytes, FigureText.Bytes),
        new("Resident memory (RSS)", f => f.ResidentBytes, FigureText.Bytes),
    ];

    /// <summary>The interval of an estimate, such as "2.71 to 2.95".</summary>
    public string Interval(Estimate estimate) => FigureText.Range(Text(estimate.Low), Text(estimate.High));
}
