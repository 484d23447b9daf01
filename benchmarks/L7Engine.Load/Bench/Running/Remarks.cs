using L7Engine.Load.Bench.Machine;

namespace L7Engine.Load.Bench.Running;

/// <summary>What a reader has to know to believe the figures, and how far.</summary>
internal static class Remarks
{
    public static IEnumerable<string> Of(BenchSettings settings, Placement placement)
    {
        yield return "A client that closes says so in its request; the proxy closes first, and TIME_WAIT is on its "
            + "side.";
        if (settings.Target is null)
        {
            yield return "Where the backend closes, the backend says so in its response and closes first: TIME_WAIT is "
                + "on its side, and every proxy is told the same.";
            yield return "A proxy has one thread, and a process of its own for each mode: memory and heap are of that "
                + "mode alone. Those that are not measured have nothing to do meanwhile.";
        }

        yield return placement.Subject is null
            ? "All processes share the processors as the system decides: they take time from each other."
            : placement.Generator == placement.Backend
                ? "Generator and backend share a core: throughput may be limited by them; processor time a request is "
                    + "not."
                : "Each has a core of its own.";
        yield return "With tcp_tw_reuse at 1, or at 2 for the loopback, a client may reuse a port that is in TIME_WAIT "
            + "after a second.";
        yield return "A block is invalid for any failed request, overflow of a listen queue, or more than 20 segments "
            + "and one in a thousand sent again, by anybody in this network namespace.";
        yield return "Seven tenths of a block are a closed loop (throughput, processor time, connections), the rest is "
            + "an open loop at half of what the slowest mode gave before the first block; latency counts from the "
            + "moment in which a request should have been sent.";
        if (!EnvironmentReader.IsNative)
        {
            yield return "The program was compiled while it ran: publish it (native) for the figures of the product.";
        }
    }
}
