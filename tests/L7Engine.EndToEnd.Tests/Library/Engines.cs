using System.Net;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>Configurations for an engine in this process.</summary>
internal static class Engines
{
    /// <summary>A free port of the IPv4 loopback, one backend.</summary>
    public static LoadBalancerOptions Options(IPEndPoint backend) =>
        Options(new IPEndPoint(IPAddress.Loopback, 0), backend);

    /// <summary>One listener, one backend.</summary>
    public static LoadBalancerOptions Options(IPEndPoint listen, IPEndPoint backend) => new()
    {
        Listeners = [new ListenerOptions { Address = listen }],
        Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = backend }] }],
        Loops = 2,
    };
}
