using System.Net;

namespace L7Engine.Tests;

/// <summary>The smallest valid configuration, from which a test breaks one rule.</summary>
internal static class Valid
{
    public static LoadBalancerOptions Options => new()
    {
        Listeners = [Listener],
        Groups = [Group],
    };

    public static ListenerOptions Listener => new() { Address = new IPEndPoint(IPAddress.Loopback, 8080) };

    public static BackendOptions Backend => new() { Address = new IPEndPoint(IPAddress.Loopback, 9001) };

    public static BackendGroupOptions Group => new() { Backends = [Backend] };

    public static LoadBalancerOptions With(ListenerOptions listener) => Options with { Listeners = [listener] };

    public static LoadBalancerOptions With(KeepAliveOptions keepAlive) =>
        With(Listener with { KeepAlive = keepAlive });

    public static LoadBalancerOptions With(ClientCapsOptions caps) => With(Listener with { ClientCaps = caps });

    public static LoadBalancerOptions With(SlowClientOptions slowClients) =>
        With(Listener with { SlowClients = slowClients });

    public static LoadBalancerOptions With(RouteOptions route) => Options with { Routes = [route] };

    public static LoadBalancerOptions With(BackendGroupOptions group) => Options with { Groups = [group] };

    public static LoadBalancerOptions With(BackendOptions backend) =>
        With(new BackendGroupOptions { Backends = [backend] });

    public static LoadBalancerOptions With(PoolOptions pool) =>
        With(new BackendGroupOptions { Backends = [Backend], Pool = pool });

    public static LoadBalancerOptions With(HashOptions hash) => With(Group with { Hash = hash });

    public static LoadBalancerOptions With(QueueOptions queue) =>
        With(new BackendGroupOptions { Backends = [Backend], Queue = queue });

    public static LoadBalancerOptions With(RetryOptions retries) =>
        With(new BackendGroupOptions { Backends = [Backend], Retries = retries });

    public static LoadBalancerOptions With(NameOptions names) =>
        With(Group with { Names = names });

    public static LoadBalancerOptions With(AffinityOptions affinity) => With(Group with { Affinity = affinity });

    public static LoadBalancerOptions With(HealthCheckOptions health) => With(Group with { Health = health });

    public static LoadBalancerOptions With(EjectionOptions ejection) => With(Group with { Ejection = ejection });

    public static LoadBalancerOptions With(Limits limits) => Options with { Limits = limits };

    public static LoadBalancerOptions With(Timeouts timeouts) => Options with { Timeouts = timeouts };
}
