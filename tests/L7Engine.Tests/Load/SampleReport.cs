using L7Engine.Load.Bench;

namespace L7Engine.Tests.Load;

/// <summary>A report with everything in it, of figures that nobody measured.</summary>
internal static class SampleReport
{
    private static readonly int[] ConnectionCounts = [1, 4, 16, 64, 256];
    private static readonly int[] BodySizes = [100, 1_024, 16_384, 131_072];
    private static readonly double[] Percentiles = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

    public static BenchReport Full { get; } = new()
    {
        Environment = new BenchEnvironment
        {
            Began = new DateTimeOffset(2026, 11, 28, 4, 5, 0, TimeSpan.Zero),
            Processor = "Sample 9000 <at 3 GHz> & \"co\"",
            Cores = 2,
            Kernel = "Linux 6.18.0",
            Runtime = ".NET 10.0.12, Native AOT",
            Settings =
            [
                new NamedText("net.ipv4.tcp_tw_reuse", "2"),
                new NamedText("net.ipv4.ip_local_port_range", "32768 60999"),
                new NamedText("open files", "20000"),
            ],
            Placement = [new NamedText("subject", "core 0"), new NamedText("generator and backend", "core 1, shared")],
            Remarks = ["Who is told of the close waits for the end: the target closes first, TIME_WAIT is on its side."],
        },
        Plan = new BenchPlan
        {
            Blocks = 8,
            BlockTime = TimeSpan.FromSeconds(1),
            Connections = 64,
            BodyBytes = 100,
            RatePerSecond = 5_000,
            Took = TimeSpan.FromSeconds(52),
        },
        Subjects =
        [
            SubjectOf("l7engine", 1),
            SubjectOf("haproxy", 0.93),
            SubjectOf("nginx", 0.97),
            SubjectOf(Subject.Direct, 1.9),
        ],
        Comparisons =
        [
            new Comparison
            {
                Figure = "l7engine, throughput",
                First = "keep-alive",
                Second = "close",
                FirstValue = Around(48_312),
                SecondValue = Around(17_020),
                Ratio = new Estimate(2.839, 2.712, 2.951),
            },
            new Comparison
            {
                Figure = "keep-alive → keep-alive, throughput",
                First = "l7engine",
                Second = "nginx",
                FirstValue = Around(48_312),
                SecondValue = Around(46_900),
                Ratio = new Estimate(1.03, 0.96, 1.09),
            },
        ],
    };

    public static Estimate Around(double median, double share = 0.04) =>
        new(median, median * (1 - share), median * (1 + (share * 1.3)));

    private static Subject SubjectOf(string name, double speed)
    {
        bool isProxy = name != Subject.Direct;
        ConnectionMode?[] backends = isProxy ? [ConnectionMode.KeepAlive, ConnectionMode.Close] : [null];
        return new Subject
        {
            Name = name,
            Version = name == "nginx" ? "1.22.1 </pre><script>alert(1)</script>" : "1.0",
            Configuration = isProxy ? $"# {name}\nserver {{ listen 127.0.0.1:8080; }} # <b>&amp;</b>\n" : "",
            Quadrants =
            [
                .. from client in Enum.GetValues<ConnectionMode>()
                   from backend in backends
                   select QuadrantOf(name, client, backend, speed),
            ],
            ThroughputOverConnections =
            [
                .. from client in Enum.GetValues<ConnectionMode>()
                   from count in ConnectionCounts
                   let most = (client == ConnectionMode.KeepAlive ? 48_000 : 17_000) * speed
                   select new SeriesPoint(client, count, Around(most * count / (count + 3)), 8),
            ],
            ConnectionCostOverBody =
            [
                .. from bytes in BodySizes
                   select new SeriesPoint(ConnectionMode.Close, bytes, Around((38 + (bytes / 6_000.0)) / speed), 8),
            ],
        };
    }

    private static Quadrant QuadrantOf(string name, ConnectionMode client, ConnectionMode? backend, double speed)
    {
        double cost = (client == ConnectionMode.Close ? 2.2 : 1) * (backend == ConnectionMode.Close ? 1.6 : 1) / speed;
        return new Quadrant
        {
            Client = client,
            Backend = backend,
            Blocks =
            [
                .. Enumerable.Range(1, 8).Select(round => new BenchBlock
                {
                    Round = round,
                    RequestsPerSecond = 48_312 / cost,
                    CpuMicroseconds = 12.5 * cost,
                    Invalid = round == 3 && name == "haproxy" ? "412 retransmissions <in 1 s>" : null,
                }),
            ],
            Figures = new BenchFigures
            {
                RequestsPerSecond = Around(48_312 / cost),
                ConnectionsPerSecond = Around(client == ConnectionMode.Close ? 48_312 / cost : 0),
                CpuMicroseconds = Around(12.5 * cost),
                CpuShare = name != Subject.Direct ? Around(0.97, 0.01) : null,
                P50 = Around(210 * cost),
                P90 = Around(380 * cost),
                P99 = Around(900 * cost),
                P999 = Around(2_600 * cost),
                Max = Around(9_100 * cost, 0.3),
                ClientConnections = Around(client == ConnectionMode.Close ? 48_312 / cost : 64, 0),
                BackendConnections = backend is null ? null : Around(backend == ConnectionMode.Close ? 48_312 / cost : 64, 0),
                ReuseRate = backend is null ? null : Around(backend == ConnectionMode.Close ? 0 : 0.99987, 0),
                TimeWait = Around(client == ConnectionMode.Close ? 17_000 / cost : 0),
                AllocatedBytes = name == "l7engine" ? Around(client == ConnectionMode.Close ? 560 : 0) : null,
                ResidentBytes = Around(18_400_000 / speed),
            },
            Latencies =
            [
                .. Percentiles.Select(
                    p => new LatencyPoint(p, 120 * cost * Math.Pow(100 / (100 - p), 0.45))),
            ],
        };
    }
}
