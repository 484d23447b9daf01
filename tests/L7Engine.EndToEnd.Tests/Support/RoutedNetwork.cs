using System.Net;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Two hosts with a router between them.</summary>
/// <remarks>
/// <code>
///   near  10.1.0.2 ──── 10.1.0.1  router  10.2.0.1 ──── 10.2.0.2  far
/// </code>
/// </remarks>
internal sealed class RoutedNetwork : IDisposable
{
    private const string FarMac = "02:00:00:00:00:02";

    private readonly List<NetNamespace> _made = [];

    public RoutedNetwork()
    {
        try
        {
            (Near, Router, Far) = (Create(), Create(), Create());
            Connect(Near, "10.1.0.2", "to-near", "10.1.0.1");
            Connect(Far, "10.2.0.2", "to-far", "10.2.0.1");
            Far.Ip("link", "set", "eth0", "address", FarMac);
            Router.Do(() =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                return true;
            });

            // The router does not ask who has the address: it sends on, and learns nothing of a host that is gone.
            Router.Ip("neigh", "replace", "10.2.0.2", "lladdr", FarMac, "dev", "to-far", "nud", "permanent");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetNamespace Near { get; } = null!;

    public NetNamespace Router { get; } = null!;

    public NetNamespace Far { get; } = null!;

    public static IPAddress NearAddress => IPAddress.Parse("10.1.0.2");

    public static IPAddress FarAddress => IPAddress.Parse("10.2.0.2");

    /// <summary>The far host is there no more; what is sent to it is lost without a word.</summary>
    public void LoseFarHost() => Far.Ip("addr", "flush", "dev", "eth0");

    /// <summary>The router drops what is for the far host.</summary>
    /// <param name="says">It tells the sender so (ICMP host unreachable).</param>
    public void CutWay(bool says) => Router.Ip("route", "add", says ? "unreachable" : "blackhole", "10.2.0.2/32");

    public void Dispose()
    {
        foreach (NetNamespace network in _made)
        {
            network.Dispose();
        }
    }

    private NetNamespace Create()
    {
        var created = NetNamespace.Create();
        _made.Add(created);
        return created;
    }

    private void Connect(NetNamespace host, string address, string port, string routerAddress)
    {
        host.Ip("link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", Router.Name);
        host.Ip("addr", "add", $"{address}/24", "dev", "eth0");
        host.Ip("link", "set", "eth0", "up");
        Router.Ip("addr", "add", $"{routerAddress}/24", "dev", port);
        Router.Ip("link", "set", port, "up");
        host.Ip("route", "add", "default", "via", routerAddress);
    }
}
