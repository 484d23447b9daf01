using System.Net;
using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Configuration;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>Takes single backends out of service, and puts them back.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class BackendDrains(LoopSet loops, HealthWatch watch, TimeProvider time)
{
    private long NowMilliseconds => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <exception cref="ArgumentException">The configuration has no such backend.</exception>
    public static Backend Find(Snapshot snapshot, string group, IPEndPoint address) =>
        Array.Find(snapshot.Backends, b => b.GroupName == group && b.Address.Equals(address))
            ?? throw new ArgumentException($"Group \"{group}\" has no backend {address}.", nameof(address));

    /// <summary>Sends it no new requests, closes what is idle, and waits for what is in flight.</summary>
    /// <returns>Done once nothing is in flight, at the deadline, or when it is resumed.</returns>
    public async Task<BackendDrainResult> DrainAsync(Backend backend, TimeSpan deadline, CancellationToken cut)
    {
        Turn(backend, isDrained: true);
        int inFlight = backend.State.InFlight;
        int[] closed = await loops.AskAsync(loop => loop.Worker.CloseIdleOf(backend.Number));
        await watch.WaitUntilEmptyAsync(backend.State, NowMilliseconds, deadline, cut);
        await LoopSynchronizationContext.Leave();
        int left = backend.State.InFlight;
        return new BackendDrainResult(closed.Sum(), Math.Max(0, inFlight - left), left);
    }

    public void Resume(Backend backend) => Turn(backend, isDrained: false);

    private void Turn(Backend backend, bool isDrained) =>
        backend.State.Health.Group?.TryDrain(backend.State.Health, isDrained, NowMilliseconds);
}
