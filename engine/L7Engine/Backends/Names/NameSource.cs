using System.Net;
using L7Engine.Diagnostics;
using Microsoft.Extensions.Logging;

namespace L7Engine.Backends.Names;

/// <summary>Finds the addresses of a host; may throw anything, and take any time.</summary>
internal delegate Task<IPAddress[]> ResolveName(string host);

/// <summary>What names need of the engine around them.</summary>
/// <param name="Changed">Called when a name has other addresses, on any thread, and not under a lock.</param>
internal sealed record NameSource(ResolveName Resolve, TimeProvider Time, ILogger Logger, Action Changed)
{
    /// <summary>Where resolutions are counted.</summary>
    public HealthTotals Totals { get; init; } = new();

    /// <summary>Asks the system.</summary>
    /// <remarks>It may block: it gets a thread of the pool, and never is on one of a loop.</remarks>
    public static Task<IPAddress[]> AskSystemAsync(string host) => Task.Run(() => Dns.GetHostAddressesAsync(host));
}
