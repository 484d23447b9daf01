using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>Makes figures of the blocks of one mode. Those that are invalid are kept, and are in no figure.</summary>
/// <remarks>Pure.</remarks>
internal static class QuadrantBuilder
{
    private static readonly double[] Percents = [50, 90, 99, 99.9];

    public static Quadrant Of(Mode mode, IReadOnlyList<BlockRun> runs, int seed)
    {
        BlockRun[] valid = [.. runs.Where(r => r.Block.IsValid)];
        LatencyCounts[] latencies = [.. valid.Select(r => r.Latencies).Where(l => l.Total > 0)];
        return new Quadrant
        {
            Client = mode.Client,
            Backend = mode.Backend,
            Blocks = [.. runs.Select(r => r.Block)],
            Figures = FiguresOf([.. valid.Select(r => r.Block)], latencies, seed),
            Latencies = LatencyFigures.CurveOf(latencies),
        };
    }

    private static BenchFigures FiguresOf(BenchBlock[] blocks, LatencyCounts[] latencies, int seed)
    {
        Estimate[]? percentiles = LatencyFigures.Percentiles(latencies, Percents, seed);
        long requests = latencies.Sum(l => l.Total);
        return new BenchFigures
        {
            RequestsPerSecond = Of(b => b.RequestsPerSecond),
            ConnectionsPerSecond = Of(b => b.ConnectionsPerSecond),
            CpuMicroseconds = Of(b => b.CpuMicroseconds),
            CpuShare = Of(b => b.CpuShare),
            P50 = Percentile(0),
            P90 = Percentile(1),
            P99 = Percentile(2),
            P999 = Percentile(3),
            Max = Bootstrap.Median([.. latencies.Select(l => l.Max / 1e3)], seed),
            ClientConnections = Of(b => b.ClientConnections),
            BackendConnections = Of(b => b.BackendConnections),
            ReuseRate = Of(b => b.ReuseRate),
            TimeWait = Of(b => b.TimeWait),
            AllocatedBytes = Of(b => b.AllocatedBytes),
            ResidentBytes = Of(b => b.ResidentBytes),
        };

        Estimate? Percentile(int index) =>
            LatencyFigures.IsTold(requests, Percents[index]) ? percentiles?[index] : null;

        Estimate? Of(Func<BenchBlock, double?> figure) =>
            Bootstrap.Median([.. blocks.Select(figure).OfType<double>()], seed);
    }
}
