using System.Globalization;
using System.Net;
using L7Engine.Load.Bench.Statistics;
using L7Engine.Load.Traffic;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The process that sends: an order is a line, what came of it another one.</summary>
internal static class GeneratorRole
{
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
            Failures = result.Failed == 0 ? null : string.Join(", ", result.Failures.Select(
                f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value}"))),
            Latencies = new LatencyCounts(
                [.. latencies.Select(l => l.Nanoseconds)], [.. latencies.Select(l => l.Count)]),
        };
    }
}
