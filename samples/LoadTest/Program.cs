using System.Globalization;
using System.Net;
using L7Engine.Load.Traffic;

// Traffic of your own against whatever listens: LoadTest ADDRESS:PORT [SECONDS]
// 200 clients ask, and think for as long as recorded ones did. Ctrl+C ends it, with what was counted until then.
int seconds = 30;
if (args.Length is not (1 or 2) || !IPEndPoint.TryParse(args[0], out IPEndPoint? target)
    || (args.Length == 2 && !int.TryParse(args[1], CultureInfo.InvariantCulture, out seconds)))
{
    Console.Error.WriteLine("usage: LoadTest ADDRESS:PORT [SECONDS]");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

// One pause a line, in milliseconds: put yours here, from the log of a server. Most are those of a page that loads what
// it consists of; the long ones are a person who reads, and they decide whether a connection is still open afterwards.
string[] pauses = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "think-times.txt"));
var plan = new LoadPlan
{
    Target = target,
    Connections = 200,
    Think = ThinkTime.Recorded(
        [.. pauses.Select(p => TimeSpan.FromMilliseconds(double.Parse(p, CultureInfo.InvariantCulture)))]),
    Mix =
    [
        new RequestKind { Path = "/", Weight = 9 },
        new RequestKind { Method = "POST", Path = "/", BodyBytes = 2_000 },
    ],
    Duration = TimeSpan.FromSeconds(seconds),

    // Clients think before they ask for the first time, too: there is no rush to be left out.
    WarmUp = TimeSpan.Zero,
};
LoadResult result = await LoadRun.RunAsync(plan, stop.Token);

double perConnection = (double)result.TotalCompleted / Math.Max(1, result.TotalConnectionsOpened);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
    {result.Completed:N0} requests in {result.Duration.TotalSeconds:0.0} s, {result.RequestsPerSecond:N0} a second
    {result.TotalConnectionsOpened:N0} connections, {perConnection:0.0} requests on each
    latency: p50 {Milliseconds(50):0.00} ms, p99 {Milliseconds(99):0.00} ms, longest {Milliseconds(100):0.00} ms
    """));
foreach ((LoadFailure failure, long count) in result.Failures)
{
    string status = failure == LoadFailure.WrongStatus ? $", such as {result.WrongStatus}" : "";
    Console.WriteLine($"failed: {count}, {failure}{status}");
}

return result.Failed == 0 ? 0 : 1;

double Milliseconds(double percent) => result.LatencyAt(percent).TotalMilliseconds;
