using System.Net;

namespace L7Engine.Host.Demo;

/// <summary>Clients that keep their connections, and clients that close them, in turns: on the same machine.</summary>
internal sealed class DemoTraffic(IPEndPoint engine, TimeSpan duration, TimeProvider time)
{
    private const int Clients = 16;
    private const int LeastPhases = 4;
    private static readonly TimeSpan LongestPhase = TimeSpan.FromSeconds(2);

    // A request that is not answered by then is a failure, and the demo ends all the same.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly long _start = time.GetTimestamp();

    public DemoTally KeepAlive { get; } = new("keep-alive");

    public DemoTally Close { get; } = new("close");

    /// <summary>The kind of the phase that runs.</summary>
    public DemoTally Current { get; private set; } = new("none");

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public TimeSpan Duration => duration;

    /// <param name="stop">Ends the phases early; requests that are open are finished.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        // An even number of phases, equally long: neither kind has more time.
        int pairs = Math.Max(LeastPhases / 2, (int)Math.Ceiling(duration / LongestPhase / 2));
        using var abort = new CancellationTokenSource(duration + Patience, time);
        for (int phase = 0; phase < 2 * pairs && !stop.IsCancellationRequested; phase++)
        {
            await RunPhaseAsync(keepAlive: phase % 2 == 0, duration / (2 * pairs), stop, abort.Token);
        }
    }

    private async Task RunPhaseAsync(
        bool keepAlive, TimeSpan length, CancellationToken stop, CancellationToken abort)
    {
        Current = keepAlive ? KeepAlive : Close;
        using var timer = new CancellationTokenSource(length, time);
        using var phase = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        long start = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients)
            .Select(_ => new DemoClient(engine).RunAsync(keepAlive, Current, phase.Token, abort)));
        Current.EndPhase(time.GetElapsedTime(start));
    }
}
