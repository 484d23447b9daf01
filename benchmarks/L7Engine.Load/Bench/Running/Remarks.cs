using L7Engine.Load.Bench.Machine;
using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>What a reader has to know to believe the figures, and how far.</summary>
internal static class Remarks
{
    public static IEnumerable<string> Of(BenchSettings settings, Placement placement) =>
    [
        .. OfBlocks(),
        .. OfConnections(settings),
        .. OfPlaces(settings, placement),
        .. settings.WithPeers ? [OfPeers] : Array.Empty<string>(),
        .. OfGaps(),
    ];

    private static IEnumerable<string> OfBlocks() =>
    [
        "The first 70 % of a block are a closed loop: each connection sends its next request as soon as it has the "
            + "response. Throughput, CPU time, connections and allocations are of this part.",
        "The other 30 % are an open loop at a fixed rate, the same for all modes: half the throughput of the slowest "
            + "mode in the warm-up. Latency counts from when a request was due, so time spent queueing is included.",
        "Each mode runs for 0.4 s or more before the first block. In each block clients connect anew before the time "
            + "that counts (20 ms and 0.1 ms per connection); a proxy may still have backend connections of an earlier "
            + "block. Connection counts, CPU time and allocations are with this warm-up.",
        "A block is invalid after any failed request, any drop at a full listen queue, or a retransmission storm (more "
            + "than 20 segments and more than 1 in 1,000) anywhere in this network namespace.",
        $"Intervals: 95 %, block bootstrap with {Bootstrap.Draws} resamples, widened for few blocks. Ratios are "
            + "medians of the ratios within each round. Where two modes do not differ, a winner may still be named by "
            + "chance in up to 1 of 20 comparisons.",
    ];

    private static IEnumerable<string> OfConnections(BenchSettings settings) =>
    [
        "Client close: the request says Connection: close, the server side closes first and keeps the TIME_WAIT.",
        .. settings.Target is not null ? Array.Empty<string>() :
        [
            "Backend close: the backend answers Connection: close, closes first and keeps the TIME_WAIT. It answers "
                + "every proxy alike.",
        ],
        "tcp_tw_reuse: at 1, or at 2 on the loopback, a client may reuse a port in TIME_WAIT after one second.",
    ];

    private static IEnumerable<string> OfPlaces(BenchSettings settings, Placement placement)
    {
        if (placement.Subject is null)
        {
            yield return "There is only one CPU for all processes: throughput is that of the whole, CPU time per "
                + "request that of the proxy.";
        }
        else if (placement.Generator == placement.Backend && settings.Target is null)
        {
            yield return "Generator and backend share a CPU. Where the CPU use of the proxy is well below 100 %, they "
                + "(or other load on the machine) are the bottleneck: compare CPU time per request there.";
        }

        if (placement.IsCoreShared(Processors.SiblingsOf))
        {
            yield return "The CPU of the proxy is one of two hardware threads of a core; the other one is busy, too, "
                + "and slows it down.";
        }

        if (settings.Target is null)
        {
            yield return "Each mode has a proxy process of its own with one thread, so memory and allocations are of "
                + "that mode alone. All share the CPU of the proxy; those that are not measured are idle.";
        }
    }

    private static string OfPeers =>
        "HAProxy and nginx run with one thread, up to 1,024 idle backend connections kept for 60 s, no access log, no "
            + "limit of requests per connection and the same added fields (X-Forwarded-For, X-Forwarded-Proto, "
            + "X-Forwarded-Host, Via). All else, such as buffers and TCP_NODELAY, is the default of each. Their "
            + "configurations are in the report.";

    private static IEnumerable<string> OfGaps()
    {
        if (!KernelCounters.Read().AreComplete)
        {
            yield return "The TCP counters of the kernel (/proc/net/netstat, /proc/net/snmp) cannot be read here: "
                + "listen queues, retransmissions and TIME_WAIT were not checked.";
        }

        if (!EnvironmentReader.IsNative)
        {
            yield return "This program ran under the JIT. For the figures of the product publish it (Native AOT).";
        }
    }
}
