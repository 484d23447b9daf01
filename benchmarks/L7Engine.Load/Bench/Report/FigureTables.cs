namespace L7Engine.Load.Bench.Report;

/// <summary>Every figure with its interval, a table for each subject; then the blocks that do not count.</summary>
internal static class FigureTables
{
    private const int MostShown = 20;

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
        $"{FigureText.Number(comparison.Ratio.Median)}\n{FigureText.Interval(comparison.Ratio)}",
        comparison.Winner ?? "no winner",
    ];

    private static Html WriteInvalid(BenchReport report)
    {
        string[][] rows =
            [.. InvalidBlocks.Of(report).Select(b => new[] { UpperFirst(b.Rounds), b.Subject, b.Mode, b.Reason })];
        Html list = rows.Length == 0
            ? Html.Of($"<p>None.</p>")
            : Html.Of($"""<div class="texts">{Tables.Write(["Round", "Subject", "Mode", "Reason"], rows)}</div>""");
        return Html.Of($"""
            <section id="{Caution.InvalidSection}"><h2>Invalid blocks</h2>
            {(rows.Length <= MostShown ? list : Folded(rows.Length, list))}
            </section>
            """);
    }

    private static Html Folded(int count, Html list) =>
        Html.Of($"<details><summary>{count} reasons</summary>{list}</details>");

    private static string UpperFirst(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
