using System.Net;

namespace L7Engine.Tests.Support;

/// <summary>A started load balancer in a network in memory, and scripted backends behind it.</summary>
internal sealed class BalancerBed
{
    /// <param name="change">Of the smallest valid configuration, with these backends and one loop.</param>
    public BalancerBed(
        int seed = 1, Func<LoadBalancerOptions, LoadBalancerOptions>? change = null, int backendCount = 1,
        LinkSettings? link = null)
    {
        Net = new SimNetwork(seed) { Link = link ?? new LinkSettings() };
        Backends = [.. Enumerable.Range(0, backendCount).Select(_ => new ScriptedBackend(Net))];
        var group = new BackendGroupOptions
        {
            Backends = [.. Backends.Select(backend => new BackendOptions { Address = backend.Address })],
        };
        LoadBalancerOptions options = Valid.With(group) with { Loops = 1 };
        Balancer = new LoadBalancer(
            change?.Invoke(options) ?? options, null, Net.Transport, Net.Clock, new Random(seed));
        Net.Wait(() => Balancer.StartAsync());
    }

    public SimNetwork Net { get; }

    public LoadBalancer Balancer { get; }

    public IReadOnlyList<ScriptedBackend> Backends { get; }

    public ScriptedBackend Backend => Backends[0];

    /// <summary>Opens a connection of a client.</summary>
    public SimPeer Connect(string from = "127.0.0.1") =>
        Net.Connect(Balancer.LocalEndPoints[0], IPAddress.Parse(from));
}
