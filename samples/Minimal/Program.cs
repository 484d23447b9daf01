using System.Net;
using L7Engine;

// A load balancer on port 8080 before two backends. Ctrl+C lets open requests end; a second one leaves at once.
var options = new LoadBalancerOptions
{
    Listeners = [new ListenerOptions { Address = IPEndPoint.Parse("0.0.0.0:8080") }],
    Groups = [new BackendGroupOptions { Backends = [BackendAt("127.0.0.1:9001"), BackendAt("127.0.0.1:9002")] }],
};

var stop = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => e.Cancel = stop.TrySetResult();

await using var balancer = new LoadBalancer(options);
await balancer.StartAsync();
Console.WriteLine($"listening on {balancer.LocalEndPoints[0]}");
await stop.Task;
await balancer.DrainAsync();

static BackendOptions BackendAt(string address) => new() { Address = IPEndPoint.Parse(address) };
