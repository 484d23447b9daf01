using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>The points of the plots: throughput over connections, and what a connection costs over the size of bodies.
/// </summary>
internal sealed class BenchSeries
{
    /// <summary>The most connections of a point.</summary>
    public const int MaxConnections = 256;

    private static readonly int[] Counts = [1, 8, 64, MaxConnections];
    private static readonly int[] Sizes = [100, 1_024, 16 * 1_024, 128 * 1_024];

    private readonly Dictionary<Point, Dictionary<int, double>> _figures = [];

    /// <param name="Bytes">Size of the response's body.</param>
    internal sealed record Point(Mode Mode, int Connections, int Bytes)
    {
        public string Name => string.Create(
            null, $"{Mode.Name}, {Connections} connection{(Connections == 1 ? "" : "s")}, {Bytes} bytes");
    }

    /// <summary>All points of a run: of what keeps its connections to the backend.</summary>
    public static IReadOnlyList<Point> PointsOf(IEnumerable<Mode> modes, BenchSettings settings) =>
    [
        .. from mode in modes
           where mode.Path is null && mode.Backend == ConnectionMode.KeepAlive
           where settings.IsFull || mode.IsEngine
           from point in Counts.Select(count => new Point(mode, count, settings.BodyBytes))
               .Concat(Sizes.Select(size => new Point(mode, settings.Connections, size)))
           group point by point into same
           select same.Key,
    ];

    public void Add(Point point, int round, double requestsPerSecond)
    {
        if (!_figures.TryGetValue(point, out Dictionary<int, double>? rounds))
        {
            _figures.Add(point, rounds = []);
        }

        rounds[round] = requestsPerSecond;
    }

    public IReadOnlyList<SeriesPoint> ThroughputOf(string subject, BenchSettings settings, int seed) =>
    [
        .. from figure in _figures
           let point = figure.Key
           where point.Mode.Subject == subject
           where point.Bytes == settings.BodyBytes && Counts.Contains(point.Connections)
           orderby point.Mode.Client, point.Connections
           let requests = Bootstrap.Median([.. figure.Value.Values], seed)!
           select new SeriesPoint(point.Mode.Client, point.Connections, requests, figure.Value.Count),
    ];

    /// <summary>The time between two responses with a connection each, less that without, by size.</summary>
    public IReadOnlyList<SeriesPoint> CostOf(string subject, BenchSettings settings, int seed) =>
    [
        .. from size in Sizes
           let closing = TimesOf(subject, ConnectionMode.Close, size, settings)
           let keeping = TimesOf(subject, ConnectionMode.KeepAlive, size, settings)
           let cost = Bootstrap.Difference(closing, keeping, seed)
           where cost is not null
           select new SeriesPoint(ConnectionMode.Close, size, cost, closing.Keys.Count(keeping.ContainsKey)),
    ];

    private Dictionary<int, double> TimesOf(string subject, ConnectionMode client, int bytes, BenchSettings settings) =>
        _figures.Where(f => f.Key.Mode.Subject == subject && f.Key.Mode.Client == client)
            .Where(f => f.Key.Bytes == bytes && f.Key.Connections == settings.Connections)
            .SelectMany(f => f.Value)
            .ToDictionary(f => f.Key, f => 1e6 / f.Value);
}
