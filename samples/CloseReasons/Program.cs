using System.Net;
using L7Engine;

// A load balancer on port 8080 that says of each connection why it was closed. Ctrl+C ends it.
var options = new LoadBalancerOptions
{
    Listeners = [new ListenerOptions { Name = "web", Address = IPEndPoint.Parse("127.0.0.1:8080") }],
    Groups =
    [
        new BackendGroupOptions
        {
            Name = "app",
            Backends = [new BackendOptions { Address = IPEndPoint.Parse("127.0.0.1:9001") }],
        },
    ],
};

var stop = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => e.Cancel = stop.TrySetResult();

var balancer = new LoadBalancer(options);
Task told = TellAsync(balancer.SubscribeToCloses());
await balancer.StartAsync();
Console.WriteLine($"listening on {balancer.LocalEndPoints[0]}");
await stop.Task;
await balancer.DrainAsync();
await balancer.DisposeAsync();
await told;

// Runs outside of the engine, which never waits for it: what it is too slow for is counted, and lost.
static async Task TellAsync(CloseSubscription closes)
{
    await foreach (CloseRecord close in closes)
    {
        Console.WriteLine($"{close.Side} {close.Peer} of {close.Place}: {close.Reason} {close.Setting} after "
            + $"{close.Age.TotalSeconds:0.0} s and {close.RequestCount} requests; {closes.Lost} lost so far");
    }
}
