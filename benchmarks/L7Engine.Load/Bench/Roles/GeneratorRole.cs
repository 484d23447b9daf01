using System.Net;
using L7Engine.Load.Bench.Statistics;
using L7Engine.Load.Traffic;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The process that sends: an order is a line, what came of it another one.</summary>
internal static class GeneratorRole
{
    // A block is invalid by then anyway: a target that hangs should not hold up the run for longer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static Task RunAsync(Stream input, TextWriter output) =>
        RoleLines.ServeAsync(input, output, "ready", async line =>
        {
            LoadOrder order = LoadOrder.OfLine(line);
            LoadResult result = await LoadRun.RunAsync(PlanOf(order));

            // The histograms of the run before: not while the next one is measured.
            LoadAnswer answer = AnswerOf(result, keepsLatencies: order.RatePerSecond > 0);
            GC.Collect();
            return answer.ToLine();
        });

    private static LoadPlan PlanOf(LoadOrder order) => new()
    {
        Target = IPEndPoint.Parse(order.Target),
        Host = order.Host,
        Connections = order.Connections,
        RatePerSecond = order.RatePerSecond,
        RequestsPerConnection = order.Closes ? 1 : 0,
        Duration = order.Duration,
        WarmUp = order.WarmUp,
        Timeout = Timeout,
        Mix =
        [
            new RequestKind { Path = order.Path, ExpectedBytes = order.ExpectedBytes, EchoesId = order.EchoesId },
        ],
    };

    private static LoadAnswer AnswerOf(LoadResult result, bool keepsLatencies)
    {
        (long Nanoseconds, long Count)[] latencies = keepsLatencies ? [.. result.Latencies] : [];
        return new LoadAnswer
        {
            RequestsPerSecond = result.RequestsPerSecond,
            Completed = result.Completed,
            ConnectionsOpened = result.ConnectionsOpened,
            TotalCompleted = result.TotalCompleted,
            TotalOpened = result.TotalConnectionsOpened,
            Failures = FailureText.Of(result, Timeout),
            Latencies = new LatencyCounts(
                [.. latencies.Select(l => l.Nanoseconds)], [.. latencies.Select(l => l.Count)]),
        };
    }
}
