using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What must hold of an engine once all its clients are gone and every timeout has passed.</summary>
internal static class Invariants
{
    public static void Check(LoadBalancer engine, SimNetwork network, FaultLog log, SimServer[] backends)
    {
        LoadBalancerStatus status = engine.GetStatus();
        Expect(log.Errors.Count == 0, string.Join('\n', log.Errors));
        Expect(status.ClientConnectionsOpen == 0, $"{status.ClientConnectionsOpen} client connections are open");
        Expect(status.ClientConnectionsIdle == 0, $"{status.ClientConnectionsIdle} client connections count as idle");
        Expect(status.BackendConnectionsOpen == 0, $"{status.BackendConnectionsOpen} backend connections are open");
        Expect(status.BackendConnectionsIdle == 0, $"{status.BackendConnectionsIdle} backend connections count as idle");
        Expect(engine.Clients.All(table => table.Count == 0), "a client holds places");
        Expect(status.Tunnels == 0, $"{status.Tunnels} tunnels are left");
        long clientCloses = status.ClientCloses.Sum(c => c.Count);
        long backendCloses = status.BackendCloses.Sum(c => c.Count);
        Expect(clientCloses == status.ClientConnectionsAccepted, $"{status.ClientConnectionsAccepted} accepted, {clientCloses} closed");
        long failed = status.BackendConnectsFailed;
        Expect(
            backendCloses == status.BackendConnectionsOpened + failed,
            $"{status.BackendConnectionsOpened} opened, {failed} failed to, {backendCloses} closed");
        long late = status.ClientCloses.FirstOrDefault(c => c.Reason == CloseReason.HeadTimeout).Count;
        Expect(status.Responses.Sum(r => r.Count) <= status.Requests + late, "there were more responses than requests");
        Expect(status.Groups.All(g => g.RequestsWaiting == 0), "a request waits for a place");
        foreach (BackendStatus backend in status.Backends)
        {
            Expect(backend is { RequestsInFlight: 0, ConnectionsOpen: 0, ConnectionsIdle: 0 }, $"something is left of {backend}");
        }

        foreach (MemoryLoop loop in network.Loops)
        {
            Expect(loop.Blocks is { RentedCount: 0, RentedBytes: 0 }, $"{loop.Blocks.RentedCount} blocks are rented");
            Expect(loop.Wheel.Count == 0, $"{loop.Wheel.Count} timers are armed");
        }

        Expect(
            backends.All(b => b.Peers.All(p => p.IsFinished || p.IsClosed)),
            "a backend's connection was never closed");
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new SimulationException($"At the end {what}.");
        }
    }
}
