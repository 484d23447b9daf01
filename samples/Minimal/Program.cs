using System.Net;
using L7Engine;

// A load balancer on port 8080 before two backends. Ctrl+C lets open requests end, then leaves.
var options = new LoadBalancerOptions
{
    Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Any, 8080) }],
    Groups =
    [
        new BackendGroupOptions
        {
            Backends =
            [
                new BackendOptions { Address = IPEndPoint.Parse("127.0.0.1:9001") },
                new BackendOptions { Address = IPEndPoint.Parse("127.0.0.1:9002") },
            ],
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
