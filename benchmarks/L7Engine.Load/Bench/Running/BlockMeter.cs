using L7Engine.Load.Bench.Machine;
using L7Engine.Load.Bench.Roles;
using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>Measures one block: as fast as it goes, then at a fixed rate.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BlockMeter(Bed bed, BenchSettings settings, CancellationToken stop)
{
    private const double ClosedShare = 0.7;
    private const double RateShare = 0.5;
    private const int MaxWarmUpFactor = 10;
    private static readonly TimeSpan LeastWarmUp = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TimeToConnect = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Requests a second at which latencies are taken.</summary>
    public double RatePerSecond { get; private set; }

    /// <summary>Lets each mode run once, and takes half of what the slowest gave as the rate for all.</summary>
    /// <exception cref="BenchException">Every request of a mode fails.</exception>
    public async Task CalibrateAsync()
    {
        double slowest = double.MaxValue;
        foreach (Mode mode in bed.Modes)
        {
            LoadAnswer answer = await WarmUpAsync(mode);
            if (answer.Completed == 0)
            {
                throw new BenchException($"{mode.Name}: not one good response ({answer.Failures ?? "too slow"})");
            }

            slowest = Math.Min(slowest, answer.RequestsPerSecond);
        }

        double rate = slowest * RateShare;
        double digit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        RatePerSecond = Math.Max(1, Math.Floor(rate / digit) * digit);
    }

    /// <summary>How long a block takes before its time counts: until all are connected, else it would be the time that
    /// connecting takes.</summary>
    public static TimeSpan WarmUpOf(int connections) => LeastWarmUp + (connections * TimeToConnect);

    // A machine that is very busy may let nothing through for longer than it takes.
    private async Task<LoadAnswer> WarmUpAsync(Mode mode)
    {
        for (int factor = 1; ; factor *= 4)
        {
            LoadOrder order = OrderOf(mode, settings.Connections, settings.BodyBytes, factor * WarmUpTime);
            LoadAnswer answer = await SendAsync(mode, order with { WarmUp = (factor * WarmUpTime) + order.WarmUp });
            if (answer.Completed > 0 || answer.Failures is not null || factor > MaxWarmUpFactor)
            {
                return answer;
            }
        }
    }

    public async Task<BlockRun> MeasureAsync(Mode mode, int round)
    {
        TimeSpan closed = settings.BlockTime * ClosedShare;
        Snapshot before = await Snapshot.TakeAsync(bed, mode, stop);
        LoadAnswer fast = await SendAsync(mode, OrderOf(mode, settings.Connections, settings.BodyBytes, closed));
        Snapshot after = await Snapshot.TakeAsync(bed, mode, stop);
        LoadAnswer? steady = fast.Completed == 0
            ? null
            : await SendAsync(mode, SteadyOrderOf(mode, settings.BlockTime - closed));
        KernelCounters kernel = KernelCounters.Read().Since(before.Kernel);

        LatencyCounts latencies = steady?.Latencies ?? LatencyCounts.None;
        BenchBlock block = BlockOf(fast, closed, before, after) with
        {
            Round = round,
            LatencyRequests = latencies.Total,
            P50 = LatencyFigures.At(latencies, 50),
            P99 = LatencyFigures.At(latencies, 99),
            Max = latencies.Max / 1e3,
            Invalid = WhyInvalid(fast, steady, kernel),
        };
        return new BlockRun(mode, block, latencies);
    }

    /// <summary>Measures throughput alone.</summary>
    /// <returns>Requests a second; null when the block is invalid.</returns>
    public async Task<double?> MeasureThroughputAsync(Mode mode, int connections, int bodyBytes, TimeSpan duration)
    {
        KernelCounters before = KernelCounters.Read();
        LoadAnswer answer = await SendAsync(mode, OrderOf(mode, connections, bodyBytes, duration));
        return WhyInvalid(answer, steady: null, KernelCounters.Read().Since(before)) is null
            ? answer.RequestsPerSecond
            : null;
    }

    private static BenchBlock BlockOf(LoadAnswer fast, TimeSpan duration, Snapshot before, Snapshot after)
    {
        // With a proxy the backend has counted every request, also those that came back after the time was over.
        long? requests = after.BackendRequests - before.BackendRequests;
        long? opened = after.BackendConnections - before.BackendConnections;
        bool isKnown = after.Use is not null && requests > 0;
        return new BenchBlock
        {
            Round = 0,
            RequestsPerSecond = fast.RequestsPerSecond,
            Requests = fast.TotalCompleted,
            ClientConnections = fast.TotalOpened,
            ConnectionsPerSecond = fast.ConnectionsOpened / duration.TotalSeconds,
            BackendConnections = isKnown ? opened : null,
            ReuseRate = isKnown ? Math.Max(0, 1 - ((double)opened!.Value / requests!.Value)) : null,
            CpuMicroseconds = isKnown
                ? (after.Use!.CpuNanoseconds - before.Use!.CpuNanoseconds) / 1e3 / requests
                : null,
            AllocatedBytes = isKnown ? (double?)(after.AllocatedBytes - before.AllocatedBytes) / requests : null,
            ResidentBytes = after.Use?.ResidentBytes,
            TimeWait = after.Kernel.Since(before.Kernel).TimeWaitEntered,
        };
    }

    private static string? WhyInvalid(LoadAnswer fast, LoadAnswer? steady, KernelCounters kernel)
    {
        string?[] reasons =
        [
            fast.Failures,
            fast.Completed == 0 && fast.Failures is null ? "not one response in its time" : null,
            steady?.Failures is { } late ? $"at the fixed rate: {late}" : null,
            kernel.Complaint,
        ];
        string all = string.Join("; ", reasons.OfType<string>());
        return all.Length > 0 ? all : null;
    }

    private LoadOrder SteadyOrderOf(Mode mode, TimeSpan duration) =>
        OrderOf(mode, settings.Connections, settings.BodyBytes, duration) with
        {
            RatePerSecond = RatePerSecond,

            // Connections that are kept are opened before the time that counts: each has had a request by then.
            WarmUp = TimeSpan.FromSeconds(Math.Clamp(1.2 * settings.Connections / RatePerSecond, 0.02, 1)),
        };

    private static LoadOrder OrderOf(Mode mode, int connections, int bodyBytes, TimeSpan duration) => new()
    {
        Target = mode.Address.ToString(),
        Host = mode.Host,
        Path = mode.Path ?? string.Create(null, $"/{bodyBytes}"),
        Connections = connections,
        Closes = mode.Client == ConnectionMode.Close,
        Duration = duration,

        WarmUp = WarmUpOf(connections),
        ExpectedBytes = mode.Path is null ? bodyBytes : null,
        EchoesId = mode.Path is null,
    };

    /// <exception cref="BenchException">Who should answer has ended.</exception>
    private async Task<LoadAnswer> SendAsync(Mode mode, LoadOrder order)
    {
        string line = await bed.Generator.AskAsync(order.ToLine(), stop, order.WarmUp + order.Duration);
        foreach (Child child in new[] { mode.Process, bed.Backend }.OfType<Child>().Where(c => c.HasExited))
        {
            throw await child.EndedAsync();
        }

        return LoadAnswer.OfLine(line);
    }
}
