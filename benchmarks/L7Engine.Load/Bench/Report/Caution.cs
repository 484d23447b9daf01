namespace L7Engine.Load.Bench.Report;

/// <summary>Something that limits all that a report says: to be read before anything else.</summary>
/// <param name="Section">The section of the page that says more; null when none does.</param>
internal sealed record Caution(string Text, string? Section = null)
{
    /// <summary>The section that lists the blocks that do not count.</summary>
    public const string InvalidSection = "invalid";

    /// <summary>Those of a run; none when nothing befell it.</summary>
    public static IEnumerable<Caution> Of(BenchReport report) =>
        new[] { OfEnd(report), OfMissing(report.Plan), OfInvalid(report), OfFew(report) }.OfType<Caution>();

    private static Caution? OfEnd(BenchReport report)
    {
        BenchPlan plan = report.Plan;
        if (!plan.WasInterrupted && plan.EndedBy is null)
        {
            return null;
        }

        int planned = plan.Blocks * report.Subjects.Sum(s => s.Quadrants.Count);
        int finished = report.Subjects.Sum(s => s.Quadrants.Sum(q => q.Blocks.Count));
        string why = plan.WasInterrupted ? "The run was interrupted" : $"The run ended early: {plan.EndedBy}";
        return finished < planned
            ? new Caution($"{why}. It has {FigureText.Tick(finished)} of {FigureText.Tick(planned)} blocks.")
            : new Caution($"{why}. It has all blocks, but not all of the plots over connections and body size.");
    }

    private static Caution? OfMissing(BenchPlan plan) => plan.MissingPeers.Count == 0
        ? null
        : new Caution($"Not installed, and so not measured: {string.Join(", ", plan.MissingPeers)}.");

    private static Caution? OfInvalid(BenchReport report)
    {
        BenchBlock[] blocks = [.. report.Subjects.SelectMany(s => s.Quadrants).SelectMany(q => q.Blocks)];
        int invalid = blocks.Count(b => !b.IsValid);
        string share = $"{FigureText.Tick(invalid)} of {FigureText.Tick(blocks.Length)}";
        return invalid == 0 ? null : new Caution($"{share} blocks are invalid and enter no figure.", InvalidSection);
    }

    private static Caution? OfFew(BenchReport report)
    {
        (string Name, int Valid)[] modes =
        [
            .. from s in report.Subjects
               from q in s.Quadrants
               select ($"{s.Name} {ModeText.Of(q)}", q.Blocks.Count(b => b.IsValid)),
        ];
        (string Name, int Valid)[] few = [.. modes.Where(m => m.Valid < Estimate.LeastBlocks)];
        string whose = few.Length == modes.Length
            ? "every mode"
            : string.Join(", ", few.Select(m => $"{m.Name} ({FigureText.Tick(m.Valid)})"));
        return few.Length == 0
            ? null
            : new Caution($"Fewer than {FigureText.Tick(Estimate.LeastBlocks)} valid blocks, so no comparison, and "
                + $"intervals that hold less than 95 %: {whose}.");
    }
}
