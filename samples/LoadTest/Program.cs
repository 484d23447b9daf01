using System.Globalization;
using System.Net;
using L7Engine.Load.Traffic;

// Clients that think as recorded ones did, against a server or proxy that runs: LoadTest ADDRESS:PORT [SECONDS]
// The file has one pause between a response and the next request of a client in each line, in milliseconds.
if (args.Length == 0 || !IPEndPoint.TryParse(args[0], out IPEndPoint? target))
{
    Console.Error.WriteLine("usage: LoadTest ADDRESS:PORT [SECONDS]");
    return 2;
}

string file = Path.Combine(AppContext.BaseDirectory, "think-times.txt");
TimeSpan[] pauses = [.. File.ReadLines(file).Select(line =>
    TimeSpan.FromMilliseconds(double.Parse(line, CultureInfo.InvariantCulture)))];

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var plan = new LoadPlan
{
    Target = target,
    Connections = 200,
    Think = ThinkTime.Recorded(pauses),
    Mix =
    [
        new RequestKind { Path = "/", Weight = 9 },
        new RequestKind { Method = "POST", Path = "/", BodyBytes = 2_000 },
    ],
    Duration = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 30),
};
LoadResult result = await LoadRun.RunAsync(plan, stop.Token);

Console.WriteLine($"{result.RequestsPerSecond:N0} requests/s, {result.TotalCompleted:N0} in all, on "
    + $"{result.TotalConnectionsOpened:N0} connections");
Console.WriteLine($"latency: p50 {result.LatencyAt(50).TotalMilliseconds:0.00} ms, "
    + $"p99 {result.LatencyAt(99).TotalMilliseconds:0.00} ms, max {result.MaxLatency.TotalMilliseconds:0.00} ms");
foreach ((LoadFailure failure, long count) in result.Failures)
{
    Console.WriteLine($"failed: {failure}, {count:N0} requests");
}

return result.Failed == 0 ? 0 : 1;
