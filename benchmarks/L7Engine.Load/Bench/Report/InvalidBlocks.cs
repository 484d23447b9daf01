namespace L7Engine.Load.Bench.Report;

/// <summary>Blocks of one mode that do not count for the same reason.</summary>
/// <param name="Rounds">Such as "rounds 1, 3 to 5".</param>
internal sealed record InvalidBlocks(string Rounds, string Subject, string Mode, string Reason)
{
    /// <summary>All of a run, in the order in which they began.</summary>
    public static IReadOnlyList<InvalidBlocks> Of(BenchReport report) =>
    [
        .. from s in report.Subjects
           from q in s.Quadrants
           from b in q.Blocks
           where !b.IsValid
           group b.Round by (s.Name, Mode: ModeText.LongOf(q), Reason: b.Invalid!) into same
           orderby same.Min()
           select new InvalidBlocks(RoundsOf([.. same.Order()]), same.Key.Name, same.Key.Mode, same.Key.Reason),
    ];

    private static string RoundsOf(int[] rounds)
    {
        // Neighbours have the same distance to their places.
        var runs = rounds.Index().GroupBy(r => r.Item - r.Index, r => r.Item).Select(run => (run.First(), run.Last()));
        return $"round{(rounds.Length == 1 ? "" : "s")} {string.Join(", ", runs.Select(TextOf))}";
    }

    private static string TextOf((int First, int Last) run) => run.First == run.Last
        ? FigureText.Tick(run.First)
        : $"{FigureText.Tick(run.First)} to {FigureText.Tick(run.Last)}";
}
