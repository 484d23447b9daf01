using System.Diagnostics;
using L7Engine.Load.Bench.Machine;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Bench.Running;

/// <summary>A run: its processes are up and warm when it is made, and gone when it is disposed.</summary>
/// <remarks>
/// A round has one block of every mode, in an order drawn anew, so that what changes on the machine meanwhile befalls
/// all alike. Not thread-safe.
/// </remarks>
public sealed class BenchRun : IAsyncDisposable
{
    private const int Seed = 20_261_128;

    // A proxy has two for each connection of a client; a runtime has its own. Past three quarters of what its
    // descriptors allow the engine closes idle connections, which is right, and not what is measured.
    private const int OwnDescriptors = 200;
    private const double ConnectionsPerDescriptor = 0.75 / 2;

    private readonly BenchSettings _settings;
    private readonly Bed _bed;
    private readonly BlockMeter _meter;
    private readonly CancellationToken _stop;
    private readonly Stopwatch _clock;
    private readonly BenchEnvironment _environment;
    private readonly List<BlockRun> _runs = [];
    private readonly BenchSeries _series = new();
    private readonly IReadOnlyList<BenchSeries.Point> _points;
    private readonly List<string> _remarks = [];
    private bool _wasInterrupted;
    private string? _endedBy;

    private BenchRun(
        BenchSettings settings, Bed bed, BlockMeter meter, Stopwatch clock, BenchEnvironment environment,
        CancellationToken stop)
    {
        (_settings, _bed, _meter, _clock, _environment, _stop) = (settings, bed, meter, clock, environment, stop);
        double most = (RawSocket.DescriptorLimit() - OwnDescriptors) * ConnectionsPerDescriptor;
        _points = settings.SeriesBlocks == 0
            ? []
            : [.. BenchSeries.PointsOf(bed.Modes, settings).Where(p => p.Connections <= most)];
    }

    /// <summary>Blocks that will be measured, those of the plots over connections and bodies included.</summary>
    public int Blocks => (_settings.Blocks * _bed.Modes.Count) + (_settings.SeriesBlocks * _points.Count);

    /// <summary>Starts all processes, and lets each mode run once.</summary>
    /// <param name="stop">Ends the run; blocks that were finished are kept.</param>
    /// <exception cref="BenchException">It cannot begin.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before its first block.</exception>
    public static async Task<BenchRun> StartAsync(BenchSettings settings, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var clock = Stopwatch.StartNew();
        BenchEnvironment environment = EnvironmentReader.Read(DateTimeOffset.UtcNow);
        CheckDescriptors(settings.Connections);
        CheckPeers(settings);
        Bed bed = await Bed.StartAsync(settings, stop);
        try
        {
            var meter = new BlockMeter(bed, settings, stop);
            await meter.CalibrateAsync();
            return new BenchRun(settings, bed, meter, clock, environment, stop);
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Measures all blocks.</summary>
    /// <param name="begin">Called before each block, with what it measures.</param>
    /// <returns>What was measured; of a run that was stopped, or that could not go on, until then.</returns>
    /// <exception cref="BenchException">It could not go on before the first block was finished.</exception>
    public async Task<BenchReport> RunAsync(Action<string> begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        try
        {
            await MeasureModesAsync(begin);
            await MeasurePointsAsync(begin);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested && _runs.Count > 0)
        {
            _wasInterrupted = true;
        }
        catch (BenchException e) when (_runs.Count > 0)
        {
            // A process that ends by the same Ctrl-C is no news.
            (_wasInterrupted, _endedBy) = (_stop.IsCancellationRequested, e.Message);
        }

        return Report();
    }

    /// <summary>Ends all processes.</summary>
    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private async Task MeasureModesAsync(Action<string> begin)
    {
        var random = new Random(Seed);
        Mode[] order = [.. _bed.Modes];
        for (int round = 1; round <= _settings.Blocks; round++)
        {
            random.Shuffle(order);
            foreach (Mode mode in order)
            {
                _stop.ThrowIfCancellationRequested();
                begin(mode.Name);
                _runs.Add(await _meter.MeasureAsync(mode, round));
                EndIfSilent(mode);
            }
        }
    }

    // One block may fall into a pause of the target's. After two, the rest would only be waiting.
    private void EndIfSilent(Mode mode)
    {
        const int Patience = 2;
        BlockRun[] newest = [.. _runs.Where(r => r.Mode == mode).TakeLast(Patience)];
        if (newest.Length == Patience && newest.All(r => r.Block.Requests == 0))
        {
            throw new BenchException($"{mode.Name}: not one good response in two blocks ({newest[^1].Block.Invalid})");
        }
    }

    private async Task MeasurePointsAsync(Action<string> begin)
    {
        var random = new Random(Seed);
        BenchSeries.Point[] order = [.. _points];
        double needed = order.Sum(
            p => (_settings.SeriesBlockTime + BlockMeter.WarmUpOf(p.Connections)).TotalSeconds);
        for (int round = 1; round <= _settings.SeriesBlocks; round++)
        {
            random.Shuffle(order);
            if (_clock.Elapsed + TimeSpan.FromSeconds(needed) > _settings.MaxTime)
            {
                _remarks.Add($"The plots over connections and body size have {round - 1} of "
                    + $"{_settings.SeriesBlocks} rounds: a quick run ends within a minute.");
                return;
            }

            foreach (BenchSeries.Point point in order)
            {
                _stop.ThrowIfCancellationRequested();
                begin(point.Name);
                double? figure = await _meter.MeasureThroughputAsync(
                    point.Mode, point.Connections, point.Bytes, _settings.SeriesBlockTime);
                if (figure is { } requests)
                {
                    _series.Add(point, round, requests);
                }
            }
        }
    }

    private BenchReport Report()
    {
        Subject[] subjects = [.. _bed.Subjects.Select(WithFigures)];
        return new BenchReport
        {
            Environment = _environment with
            {
                Placement = _bed.Placement.LinesOf(_settings.Target is not null),
                Remarks = [.. Remarks.Of(_settings, _bed.Placement), .. _bed.Remarks, .. _remarks],
            },
            Plan = new BenchPlan
            {
                IsFull = _settings.IsFull,
                Blocks = _settings.Blocks,
                BlockTime = _settings.BlockTime,
                Connections = _settings.Connections,
                BodyBytes = _settings.BodyBytes,
                RatePerSecond = _meter.RatePerSecond,
                WasInterrupted = _wasInterrupted,
                EndedBy = _wasInterrupted ? null : _endedBy,
                MissingPeers = _bed.MissingPeers,
                Took = _clock.Elapsed,
            },
            Subjects = subjects,
            Comparisons = Comparisons.Of(subjects, Seed),
        };
    }

    private Subject WithFigures(Subject subject) => subject with
    {
        Quadrants =
        [
            .. _bed.Modes.Where(m => m.Subject == subject.Name)
                .Select(m => QuadrantBuilder.Of(m, [.. _runs.Where(r => r.Mode == m)], Seed)),
        ],
        ThroughputOverConnections = _series.ThroughputOf(subject.Name, _settings, Seed),
        ConnectionCostOverBody = _series.CostOf(subject.Name, _settings, Seed),
    };

    private static void CheckDescriptors(int connections)
    {
        int limit = RawSocket.DescriptorLimit();
        int needed = (int)Math.Ceiling(connections / ConnectionsPerDescriptor) + OwnDescriptors;
        if (limit < needed)
        {
            throw new BenchException(
                $"too few descriptors: --connections {connections} needs {needed}, the limit is {limit}; "
                + "raise it (ulimit -n) or use fewer connections", isUsage: true);
        }
    }

    private static void CheckPeers(BenchSettings settings)
    {
        if (settings.WithPeers && Peer.All.All(p => p.Find() is null))
        {
            string names = string.Join(", ", Peer.All.Select(p => p.Name));
            throw new BenchException($"--peers: none is installed (looked for {names} in PATH)", isUsage: true);
        }
    }
}
