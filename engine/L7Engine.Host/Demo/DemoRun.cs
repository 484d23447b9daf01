using System.Net;
using L7Engine.Host.Text;

namespace L7Engine.Host.Demo;

/// <summary>Three backends, the engine and its clients in this process, on free ports of the loopback.</summary>
internal static class DemoRun
{
    private const int Backends = 3;

    /// <returns>Whether every request was answered.</returns>
    public static async Task<bool> RunAsync(TimeSpan duration, TextWriter output, LineLog log)
    {
        DemoBackend[] backends = [.. Enumerable.Range(1, Backends).Select(number => new DemoBackend(number))];
        try
        {
            await using var balancer = new LoadBalancer(OptionsFor(backends), log);
            await balancer.StartAsync();
            return await SendAsync(balancer, duration, output);
        }
        finally
        {
            foreach (DemoBackend backend in backends)
            {
                await backend.DisposeAsync();
            }
        }
    }

    private static async Task<bool> SendAsync(LoadBalancer balancer, TimeSpan duration, TextWriter output)
    {
        using var signals = new StopSignals();
        using var stop = new CancellationTokenSource();
        var traffic = new DemoTraffic(balancer.LocalEndPoints[0], duration, TimeProvider.System);
        Task running = traffic.RunAsync(stop.Token);
        Task shown = new DemoView(traffic, balancer, output, TimeProvider.System).ShowAsync(running);
        if (await Task.WhenAny(running, signals.Asked) == signals.Asked)
        {
            await stop.CancelAsync();
        }

        await running;
        await shown;
        await balancer.DrainAsync();
        foreach (string line in DemoReport.Summary(traffic.KeepAlive, traffic.Close, balancer.GetStatus()))
        {
            output.WriteLine(line);
        }

        return traffic.KeepAlive.Failures + traffic.Close.Failures == 0;
    }

    private static LoadBalancerOptions OptionsFor(IEnumerable<DemoBackend> backends) => new()
    {
        Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
        Groups =
        [
            new BackendGroupOptions
            {
                Backends = [.. backends.Select(b => new BackendOptions { Address = b.Address })],
            },
        ],
    };
}
