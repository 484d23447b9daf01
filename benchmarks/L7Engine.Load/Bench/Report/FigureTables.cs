namespace L7Engine.Load.Bench.Report;

/// <summary>Every figure with its interval, a table for each subject; then the blocks that do not count.</summary>
internal static class FigureTables
{
    public static Html Write(BenchReport report) => Html.Of($"""
        <section><h2>All figures</h2>
        <p class="note">Medians, below them their 95 % intervals. Columns: what is done towards the client → towards the
        backend. A dash stands for what cannot be told.</p>
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
            {Tables.Write(["Figure", "First", "Second", "First / second", "Better"], report.Comparisons.Select(RowOf))}
            </section>
            """);

    private static string[] RowOf(Comparison comparison) =>
    [
        comparison.Figure, comparison.First, comparison.Second,
        FigureText.Number(comparison.Ratio.Median) + "\n"
            + FigureText.Range(FigureText.Number(comparison.Ratio.Low), FigureText.Number(comparison.Ratio.High)),
        comparison.Winner ?? "cannot be told",
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
        return Html.Of($"""
            <section id="invalid"><h2>Invalid blocks</h2>
            {(rows.Length == 0
                ? Html.Of($"<p>None: no error, no overflow of a listen queue, no storm of retransmissions.</p>")
                : Html.Of($"""<div class="texts">{Tables.Write(["Round", "Subject", "Mode", "Why"], rows)}</div>"""))}
            </section>
            """);
    }
}
