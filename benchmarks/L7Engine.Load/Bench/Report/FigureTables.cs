namespace L7Engine.Load.Bench.Report;

/// <summary>Every figure with its interval, a table for each subject; then the blocks that do not count.</summary>
internal static class FigureTables
{
    public static Html Write(BenchReport report) => Html.Of($"""
        <section><h2>All figures</h2>
        <p class="note">Medians over the valid blocks with their 95 % intervals. Columns: client side → backend side. A
        dash marks a figure that was not or cannot be measured.</p>
        {Html.Join(report.Subjects, WriteSubject)}</section>
        {WriteComparisons(report)}
        {WriteInvalid(report)}
        """);

    private static Html WriteSubject(Subject subject)
    {
        IEnumerable<IReadOnlyList<string>> rows =
            from row in FigureRow.All
            where subject.Quadrants.Any(q => row.Of(q.Figures) is not null)
            select (string[])[row.Name, .. subject.Quadrants.Select(q => CellOf(row, row.Of(q.Figures)))];
        string[] blocks = ["Valid blocks", .. subject.Quadrants.Select(
            q => $"{FigureText.Tick(q.Blocks.Count(b => b.IsValid))} of {FigureText.Tick(q.Blocks.Count)}")];
        return Html.Of($"""
            <h3>{subject.Name} <small>{subject.Version}</small></h3>
            {Tables.Write(["Figure", .. subject.Quadrants.Select(ModeText.Of)], rows.Append(blocks))}
            """);
    }

    private static string CellOf(FigureRow row, Estimate? estimate) =>
        estimate is null ? "–"
        : estimate.Low == estimate.High ? row.Text(estimate.Median)
        : $"{row.Text(estimate.Median)}\n{row.Interval(estimate)}";

    private static Html WriteComparisons(BenchReport report) => report.Comparisons.Count == 0
        ? new Html()
        : Html.Of($"""
            <section><h2>Ratios</h2>
            {Tables.Write(["What", "First", "Second", "First / second", "Better"], report.Comparisons.Select(RowOf))}
            </section>
            """);

    private static string[] RowOf(Comparison comparison) =>
    [
        comparison.Figure, comparison.First, comparison.Second,
        $"{FigureText.Number(comparison.Ratio.Median)}\n{Verdict.IntervalOf(comparison.Ratio)}",
        comparison.Winner ?? "no winner",
    ];

    private static Html WriteInvalid(BenchReport report)
    {
        string[][] rows =
        [
            .. from s in report.Subjects
               from q in s.Quadrants
               from b in q.Blocks
               where !b.IsValid
               orderby b.Round
               select new[] { $"Round {FigureText.Tick(b.Round)}", s.Name, ModeText.LongOf(q), b.Invalid! },
        ];
        Html list = rows.Length == 0
            ? Html.Of($"<p>None.</p>")
            : Html.Of($"""<div class="texts">{Tables.Write(["Round", "Subject", "Mode", "Reason"], rows)}</div>""");
        return Html.Of($"""
            <section id="invalid"><h2>Invalid blocks</h2>
            {list}
            </section>
            """);
    }
}
