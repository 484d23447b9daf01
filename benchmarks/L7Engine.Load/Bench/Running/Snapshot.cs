using System.Globalization;
using L7Engine.Load.Bench.Machine;

namespace L7Engine.Load.Bench.Running;

/// <summary>What has been used and counted on the side of a mode's subject and backend, up to a moment.</summary>
internal sealed record Snapshot(
    KernelCounters Kernel, ProcessUse? Use, long? AllocatedBytes, long? BackendConnections, long? BackendRequests)
{
    public static async Task<Snapshot> TakeAsync(Bed bed, Mode mode, CancellationToken stop)
    {
        long? allocated = mode.IsEngine ? NumberOf(await mode.Process!.AskAsync("allocated", stop)) : null;
        long[]? counts = bed.Backend is null
            ? null
            : [.. (await bed.Backend.AskAsync("counts", stop)).Split(' ').Select(NumberOf)];

        // The backend's port where connections are kept comes first.
        int port = mode.Backend == ConnectionMode.Close ? 2 : 0;
        return new Snapshot(
            KernelCounters.Read(), mode.ProcessId is { } id ? ProcessUse.Read(id) : null, allocated,
            counts?[port], counts?[port + 1]);
    }

    private static long NumberOf(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
