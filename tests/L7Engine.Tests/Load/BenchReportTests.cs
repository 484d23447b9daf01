using System.Net;
using System.Text.Json;
using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Roles;
using L7Engine.Load.Bench.Running;
using L7Engine.Load.Bench.Statistics;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

/// <summary>From blocks to figures and answers.</summary>
[TestFixture]
internal sealed class BenchReportTests
{
    private const int Seed = 1;

    private static readonly Mode Kept = ModeOf(ConnectionMode.KeepAlive);
    private static readonly Mode Closed = ModeOf(ConnectionMode.Close);

    [Test]
    public void A_block_that_is_invalid_is_kept_and_is_in_no_figure()
    {
        BlockRun[] runs = [RunOf(Kept, 1, 100), RunOf(Kept, 2, 900, "Reset 3"), RunOf(Kept, 3, 102)];

        Quadrant quadrant = QuadrantBuilder.Of(Kept, runs, Seed);

        Assert.That(quadrant.Blocks, Has.Count.EqualTo(3));
        Assert.That(quadrant.Figures.RequestsPerSecond, Is.EqualTo(new Estimate(101, 100, 102)));
        Assert.That(quadrant.Figures.P50!.Median, Is.EqualTo(1_000));
    }

    [TestCase(999, false)]
    [TestCase(1_000, true)]
    public void One_of_a_thousand_is_told_of_a_thousand_requests(int requests, bool isTold)
    {
        var run = new BlockRun(Kept, new BenchBlock { Round = 1 }, new LatencyCounts([1_000], [requests]));

        BenchFigures figures = QuadrantBuilder.Of(Kept, [run], Seed).Figures;

        Assert.That(figures.P999, isTold ? Is.Not.Null : Is.Null);
        Assert.That(figures.P99, Is.Not.Null);
    }

    [Test]
    public void A_figure_that_nobody_took_is_none()
    {
        Quadrant quadrant = QuadrantBuilder.Of(Kept, [RunOf(Kept, 1, 100)], Seed);

        Assert.That(quadrant.Figures.CpuMicroseconds, Is.Null);
        Assert.That(quadrant.Figures.AllocatedBytes, Is.Null);
        Assert.That(QuadrantBuilder.Of(Kept, [], Seed).Figures, Is.EqualTo(new BenchFigures()));
    }

    [Test]
    public void Keep_alive_is_better_where_its_interval_is_clear_of_the_other()
    {
        Comparison comparison = CompareOf(round => 300 + round, round => 100 + round).Single();

        Assert.That(comparison.Winner, Is.EqualTo("keep-alive"));
        Assert.That(comparison.Ratio.Low, Is.GreaterThan(2.5));
    }

    [Test]
    public void No_winner_is_named_when_the_intervals_overlap()
    {
        Comparison comparison = CompareOf(round => 100 + (10 * round), round => 99 + (10 * round)).Single();

        Assert.That(comparison.Winner, Is.Null);
    }

    [Test]
    public void Nothing_is_compared_of_fewer_pairs_than_an_interval_needs()
    {
        Assert.That(CompareOf(_ => 300, _ => 100, Estimate.LeastBlocks - 1), Is.Empty);
        Assert.That(CompareOf(_ => 300, _ => 100, Estimate.LeastBlocks), Is.Not.Empty);
    }

    [Test]
    public void A_peer_that_takes_less_processor_time_is_the_better_one()
    {
        Subject engine = ProxyOf("l7engine", round => 20 + (0.01 * round));
        Subject peer = ProxyOf("peer", round => 10 + (0.01 * round));

        Comparison comparison = Comparisons.Of([engine, peer], Seed)
            .Single(c => c.Figure == "keep-alive → keep-alive, CPU time per request");

        Assert.That(comparison.Winner, Is.EqualTo("peer"));
        Assert.That(comparison.Ratio.Median, Is.EqualTo(2).Within(0.01));
    }

    [Test]
    public void What_a_connection_costs_is_the_time_between_two_responses_less_that_without_it()
    {
        var settings = BenchSettings.Quick with { Connections = 64 };
        Mode kept = Kept with { Backend = ConnectionMode.KeepAlive, IsEngine = true };
        Mode closed = Closed with { Backend = ConnectionMode.KeepAlive, IsEngine = true };
        var series = new BenchSeries();
        foreach (BenchSeries.Point point in BenchSeries.PointsOf([kept, closed], settings))
        {
            double requests = point.Mode == kept ? 50_000 : 20_000;
            series.Add(point, 1, requests);
            series.Add(point, 2, requests);
        }

        IReadOnlyList<SeriesPoint> costs = series.CostOf("proxy", settings, Seed);
        IReadOnlyList<SeriesPoint> throughput = series.ThroughputOf("proxy", settings, Seed);

        Assert.That(costs.Select(c => c.Value.Median), Is.All.EqualTo(30).Within(1e-9));
        Assert.That(costs.Select(c => c.At), Is.Ordered.And.Exactly(4).Items);
        Assert.That(throughput, Has.Count.EqualTo(8));
    }

    [Test]
    public void The_json_has_every_figure_under_its_name()
    {
        using JsonDocument json = JsonDocument.Parse(BenchJson.Write(SampleReport.Full));

        JsonElement root = json.RootElement;
        JsonElement quadrant = root.GetProperty("subjects")[0].GetProperty("quadrants")[0];
        Assert.That(quadrant.GetProperty("client").GetString(), Is.EqualTo("KeepAlive"));
        Assert.That(
            quadrant.GetProperty("figures").GetProperty("requestsPerSecond").GetProperty("median").GetDouble(),
            Is.EqualTo(48_312).Within(1));
        Assert.That(quadrant.GetProperty("blocks").GetArrayLength(), Is.EqualTo(8));
        Assert.That(root.GetProperty("comparisons")[0].GetProperty("winner").GetString(), Is.EqualTo("keep-alive"));
        Assert.That(root.GetProperty("comparisons")[1].GetProperty("winner").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(root.GetProperty("plan").GetProperty("blockTime").GetString(), Is.EqualTo("00:00:01"));
    }

    [Test]
    public void Orders_and_answers_are_read_as_they_were_written()
    {
        var order = new LoadOrder
        {
            Target = "127.0.0.1:80",
            Host = "a.example",
            Path = "/x?y",
            Connections = 64,
            RatePerSecond = 1_234.5,
            Closes = true,
            Duration = TimeSpan.FromMilliseconds(700),
            WarmUp = TimeSpan.FromMilliseconds(20),
            ExpectedBytes = 100,
            EchoesId = true,
        };
        var plain = new LoadOrder { Target = "[::1]:80", Connections = 1, Duration = TimeSpan.FromSeconds(1) };
        var answer = new LoadAnswer
        {
            RequestsPerSecond = 1.5,
            Completed = 3,
            ConnectionsOpened = 2,
            Failures = "Reset 3, Timeout 1",
            Latencies = new LatencyCounts([1_000, 2_000], [5, 1]),
        };

        Assert.That(LoadOrder.OfLine(order.ToLine()), Is.EqualTo(order));
        Assert.That(LoadOrder.OfLine(plain.ToLine()), Is.EqualTo(plain));
        LoadAnswer read = LoadAnswer.OfLine(answer.ToLine());
        Assert.That(read with { Latencies = answer.Latencies }, Is.EqualTo(answer));
        Assert.That(read.Latencies.Nanoseconds, Is.EqualTo(answer.Latencies.Nanoseconds));
        Assert.That(read.Latencies.Counts, Is.EqualTo(answer.Latencies.Counts));
    }

    private static IReadOnlyList<Comparison> CompareOf(
        Func<int, double> kept, Func<int, double> closed, int rounds = 8) => Comparisons.Of(
        [
            new Subject
            {
                Name = "target",
                Quadrants = [QuadrantOf(Kept, kept, rounds), QuadrantOf(Closed, closed, rounds)],
            },
        ], Seed);

    private static Quadrant QuadrantOf(Mode mode, Func<int, double> requests, int rounds) => QuadrantBuilder.Of(
        mode, [.. Enumerable.Range(1, rounds).Select(round => RunOf(mode, round, requests(round)))], Seed);

    private static Subject ProxyOf(string name, Func<int, double> cpu) => new()
    {
        Name = name,
        Quadrants =
        [
            new Quadrant
            {
                Client = ConnectionMode.KeepAlive,
                Backend = ConnectionMode.KeepAlive,
                Blocks =
                [
                    .. Enumerable.Range(1, 8).Select(round => new BenchBlock
                    {
                        Round = round,
                        RequestsPerSecond = 100,
                        CpuMicroseconds = cpu(round),
                    }),
                ],
            },
        ],
    };

    private static Mode ModeOf(ConnectionMode client) => new()
    {
        Subject = "proxy",
        Client = client,
        Address = new IPEndPoint(IPAddress.Loopback, 1),
    };

    private static BlockRun RunOf(Mode mode, int round, double requests, string? invalid = null) => new(
        mode,
        new BenchBlock { Round = round, RequestsPerSecond = requests, Invalid = invalid },
        new LatencyCounts([1_000_000], [10]));
}
