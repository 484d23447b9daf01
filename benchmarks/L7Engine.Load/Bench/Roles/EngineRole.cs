using System.Globalization;
using System.Net;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The process of the engine: one loop, one listener, one backend. Asked, it tells what it has allocated.
/// </summary>
internal static class EngineRole
{
    /// <summary>How it is configured, for the report; the rest are the defaults.</summary>
    public const string Configuration = """
        // l7engine, native or not as said above; one loop. All that is not named has its default.
        { "listeners": [ { "address": "127.0.0.1:PORT", "keepAlive": { "maxRequests": 0 } } ],
          "groups":    [ { "backends": [ { "address": "127.0.0.1:BACKEND" } ] } ],
          "loops": 1 }
        // Fields that it adds to requests: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, Via.
        """;

    /// <exception cref="ListenException">The port cannot be listened on.</exception>
    public static async Task RunAsync(IPEndPoint backend, int port, Stream input, TextWriter output)
    {
        await using var balancer = new LoadBalancer(OptionsOf(backend, port));
        await balancer.StartAsync();
        await RoleLines.ServeAsync(
            input, output, balancer.LocalEndPoints[0].ToString(), _ => Task.FromResult(AllocatedBytes()));
    }

    private static string AllocatedBytes() =>
        GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture);

    private static LoadBalancerOptions OptionsOf(IPEndPoint backend, int port) => new()
    {
        Listeners =
        [
            new ListenerOptions
            {
                Address = new IPEndPoint(IPAddress.Loopback, port),
                KeepAlive = new KeepAliveOptions { MaxRequests = 0 },
            },
        ],
        Groups = [new BackendGroupOptions { Backends = [new BackendOptions { Address = backend }] }],
        Loops = 1,
    };
}
