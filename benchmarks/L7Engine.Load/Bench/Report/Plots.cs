namespace L7Engine.Load.Bench.Report;

/// <summary>Which plots a run has: those for which there is something to show.</summary>
internal static class Plots
{
    public static IEnumerable<Figure> Of(BenchReport report)
    {
        if (report.Subjects.Any(s => s.Quadrants.Any(q => q.Figures.RequestsPerSecond is not null)))
        {
            yield return ThroughputFigure.Of(report);
        }

        foreach ((int index, Subject subject) in report.Subjects.Index())
        {
            if (subject.Name != Subject.Direct && subject.Quadrants.Any(q => q.Latencies.Count > 0))
            {
                yield return LatenciesOf(subject, $"latency-{index}", report.Plan);
            }
        }

        if (report.Subjects.Count(s => KeptOf(s) is not null) > 1)
        {
            yield return LatenciesBeside(report);
        }

        if (report.Subjects.Any(s => s.ThroughputOverConnections.Count > 0))
        {
            yield return LineFigure.OfSeries(
                "connections", "Throughput against connections",
                "Requests/s by the number of client connections open at a time, backend side keep-alive. "
                    + $"{BarsOf(report, s => s.ThroughputOverConnections)} Higher is better.",
                LinesOf(report, s => s.ThroughputOverConnections), "client connections", "requests/s",
                FigureText.Tick, FigureText.Tick);
        }

        if (report.Subjects.Any(s => s.ConnectionCostOverBody.Count > 0))
        {
            yield return LineFigure.OfSeries(
                "cost", "Cost of a connection",
                "Extra time per request (inverse of throughput) when the client opens a connection for each, by size "
                    + $"of the response body. {BarsOf(report, s => s.ConnectionCostOverBody)} Lower is better.",
                LinesOf(report, s => s.ConnectionCostOverBody), "response body", "extra time per request",
                FigureText.Bytes, FigureText.Time);
        }
    }

    private static Figure LatenciesOf(Subject subject, string id, BenchPlan plan) => LineFigure.OfLatencies(
        id, $"Latency of {subject.Name}",
        $"Open loop at {FigureText.Number(plan.RatePerSecond)} requests/s, counted from when each request was due; "
            + "client side → backend side. Each mark to the right is ten times rarer. Lower is better."
            + MissingOf(subject),
        [
            .. from q in subject.Quadrants.Index()
               where q.Item.Latencies.Count > 0
               select LineOf(
                   Series.LineOf(q.Index, q.Item.Client == ConnectionMode.Close), ModeText.Of(q.Item), q.Item),
        ]);

    private static string MissingOf(Subject subject)
    {
        string[] missing = [.. subject.Quadrants.Where(q => q.Latencies.Count == 0).Select(ModeText.Of)];
        return missing.Length == 0 ? "" : $" No valid block: {string.Join(", ", missing)}.";
    }

    private static Figure LatenciesBeside(BenchReport report) => LineFigure.OfLatencies(
        "latency-all", "Latency side by side",
        $"Open loop at {FigureText.Number(report.Plan.RatePerSecond)} requests/s, keep-alive on both sides. Lower is "
            + "better.",
        [
            .. from s in report.Subjects.Index()
               let kept = KeptOf(s.Item)
               where kept is not null
               select LineOf(Series.LineOf(s.Item, s.Index), s.Item.Name, kept),
        ]);

    private static Quadrant? KeptOf(Subject subject) => subject.Quadrants.FirstOrDefault(q =>
        q.Client == ConnectionMode.KeepAlive && q.Backend is null or ConnectionMode.KeepAlive && q.Latencies.Count > 0);

    private static LineFigure.Line LineOf(string kind, string name, Quadrant quadrant) => new(
        kind, name,
        [
            .. quadrant.Latencies.Where(l => l.Percent is >= 0 and < 100)
                .Select(l => new LineFigure.Point(100 / (100 - l.Percent), l.Microseconds)),
        ]);

    private static string BarsOf(BenchReport report, Func<Subject, IReadOnlyList<SeriesPoint>> series)
    {
        int blocks = report.Subjects.SelectMany(series).Min(p => p.Blocks);
        return blocks >= Estimate.LeastBlocks ? "Vertical bars: 95 % intervals."
            : blocks > 1 ? $"Vertical bars: lowest to highest of {FigureText.Tick(blocks)} blocks."
            : "One block for each point.";
    }

    private static LineFigure.Line[] LinesOf(
        BenchReport report, Func<Subject, IReadOnlyList<SeriesPoint>> series) =>
    [
        .. from subject in report.Subjects.Index()
           let modes = series(subject.Item).GroupBy(p => p.Client).ToArray()
           from mode in modes
           select new LineFigure.Line(
               Series.LineOf(subject.Item, subject.Index, modes.Length > 1 && mode.Key == ConnectionMode.Close),
               modes.Length > 1 ? $"{subject.Item.Name}, {ModeText.Of(mode.Key)}" : subject.Item.Name,
               [.. mode.OrderBy(p => p.At).Select(PointOf)]),
    ];

    private static LineFigure.Point PointOf(SeriesPoint point) =>
        new(point.At, point.Value.Median, point.Value.Low, point.Value.High);
}
