using System.Net;
using L7Engine;

// A load balancer on port 8080 that stays in its own zone, 10.1.0.0/16, while the backends there have less than eight
// requests each in flight. Ctrl+C ends it.
IPNetwork zone = IPNetwork.Parse("10.1.0.0/16");
var options = new LoadBalancerOptions
{
    Listeners = [new ListenerOptions { Address = IPEndPoint.Parse("127.0.0.1:8080") }],
    Groups =
    [
        new BackendGroupOptions
        {
            Backends = [BackendAt("10.1.0.1:9001"), BackendAt("10.1.0.2:9001"), BackendAt("10.2.0.1:9001")],
            CustomPolicy = context =>
                new ZonePolicy([.. context.Addresses.Select(a => zone.Contains(a.Address))], enough: 8),
        },
    ],
};

var stop = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => e.Cancel = stop.TrySetResult();

await using var balancer = new LoadBalancer(options);
await balancer.StartAsync();
Console.WriteLine($"listening on {balancer.LocalEndPoints[0]}");
await stop.Task;
await balancer.DrainAsync();

static BackendOptions BackendAt(string address) => new() { Address = IPEndPoint.Parse(address) };
