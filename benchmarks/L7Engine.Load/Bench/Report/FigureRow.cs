namespace L7Engine.Load.Bench.Report;

/// <summary>One figure: how it is called, where it is found, and how it is written.</summary>
internal sealed record FigureRow(string Name, Func<BenchFigures, Estimate?> Of, Func<double, string> Text)
{
    /// <summary>All figures, in the order in which they are shown.</summary>
    public static IReadOnlyList<FigureRow> All { get; } =
    [
        new("Requests a second", f => f.RequestsPerSecond, FigureText.Number),
        new("Connections a second", f => f.ConnectionsPerSecond, FigureText.Number),
        new("Processor time a request", f => f.CpuMicroseconds, FigureText.Time),
        new("Latency, p50", f => f.P50, FigureText.Time),
        new("Latency, p90", f => f.P90, FigureText.Time),
        new("Latency, p99", f => f.P99, FigureText.Time),
        new("Latency, p99.9", f => f.P999, FigureText.Time),
        new("Latency, longest", f => f.Max, FigureText.Time),
        new("Client connections opened in a block", f => f.ClientConnections, FigureText.Number),
        new("Backend connections opened in a block", f => f.BackendConnections, FigureText.Number),
        new("Requests on a reused backend connection", f => f.ReuseRate, FigureText.Share),
        new("Sockets that went to TIME_WAIT in a block", f => f.TimeWait, FigureText.Number),
        new("Heap allocated a request", f => f.AllocatedBytes, FigureText.Bytes),
        new("Resident memory", f => f.ResidentBytes, FigureText.Bytes),
    ];

    /// <summary>The interval of an estimate, such as "2.71 to 2.95".</summary>
    public string Interval(Estimate estimate) => FigureText.Range(Text(estimate.Low), Text(estimate.High));
}
