using L7Engine.Load.Bench.Report;
using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>The questions of a run: what persistent connections are worth, and how the engine stands beside others.
/// </summary>
/// <remarks>Pure. Ratios are of blocks of the same round.</remarks>
internal static class Comparisons
{
    private const ConnectionMode Keep = ConnectionMode.KeepAlive;
    private const ConnectionMode Close = ConnectionMode.Close;

    private static readonly (string Name, bool IsMoreBetter, Func<BenchBlock, double?> Of)[] Figures =
    [
        ("throughput", true, b => b.RequestsPerSecond),
        ("CPU time per request", false, b => b.CpuMicroseconds),
    ];

    /// <param name="subjects">With their figures; the engine before its peers.</param>
    public static IReadOnlyList<Comparison> Of(IReadOnlyList<Subject> subjects, int seed) =>
    [
        .. from subject in subjects
           from figure in Figures
           from comparison in ModesOf(subject, figure, seed)
           select comparison,
        .. subjects.Skip(1).Where(s => s.Name != Subject.Direct).SelectMany(s => PeersOf(subjects[0], s, seed)),
    ];

    private static IEnumerable<Comparison> ModesOf(
        Subject subject, (string Name, bool IsMoreBetter, Func<BenchBlock, double?> Of) figure, int seed)
    {
        string name = $"{subject.Name}, {figure.Name}";
        if (Find(subject, Keep, null) is { } kept)
        {
            return Between(name, ("keep-alive", kept), ("close", Find(subject, Close, null)));
        }

        Quadrant? both = Find(subject, Keep, Keep);
        return
        [
            .. Between(name, ("keep-alive on both sides", both), ("close on both sides", Find(subject, Close, Close))),
            .. Between($"{name}, backend keep-alive", ("client keep-alive", both),
                ("client close", Find(subject, Close, Keep))),
            .. Between($"{name}, client keep-alive", ("backend keep-alive", both),
                ("backend close", Find(subject, Keep, Close))),
        ];

        IEnumerable<Comparison> Between(
            string what, (string Name, Quadrant? Quadrant) first, (string Name, Quadrant? Quadrant) second) =>
            Compare(what, figure.IsMoreBetter, figure.Of, first, second, seed);
    }

    private static IEnumerable<Comparison> PeersOf(Subject engine, Subject peer, int seed) =>
        from figure in Figures
        from client in Enum.GetValues<ConnectionMode>()
        from backend in Enum.GetValues<ConnectionMode>()
        let name = $"{ModeText.Of(client, backend)}, {figure.Name}"
        from comparison in Compare(name, figure.IsMoreBetter, figure.Of,
            (engine.Name, Find(engine, client, backend)), (peer.Name, Find(peer, client, backend)), seed)
        select comparison;

    private static IEnumerable<Comparison> Compare(
        string figure, bool isMoreBetter, Func<BenchBlock, double?> of,
        (string Name, Quadrant? Quadrant) first, (string Name, Quadrant? Quadrant) second, int seed)
    {
        Dictionary<int, double> above = ValuesOf(first.Quadrant, of);
        Dictionary<int, double> below = ValuesOf(second.Quadrant, of);
        int pairs = above.Keys.Count(below.ContainsKey);
        if (pairs >= Estimate.LeastBlocks && Bootstrap.Ratio(above, below, seed) is { } ratio)
        {
            yield return new Comparison
            {
                Figure = figure,
                First = first.Name,
                Second = second.Name,
                FirstValue = Bootstrap.Median([.. above.Values], seed)!,
                SecondValue = Bootstrap.Median([.. below.Values], seed)!,
                Ratio = ratio,
                IsMoreBetter = isMoreBetter,
            };
        }
    }

    private static Dictionary<int, double> ValuesOf(Quadrant? quadrant, Func<BenchBlock, double?> of) =>
        (quadrant?.Blocks ?? []).Where(b => b.IsValid && of(b) is not null)
            .ToDictionary(b => b.Round, b => of(b)!.Value);

    private static Quadrant? Find(Subject subject, ConnectionMode client, ConnectionMode? backend) =>
        subject.Quadrants.FirstOrDefault(q => q.Client == client && q.Backend == backend);
}
