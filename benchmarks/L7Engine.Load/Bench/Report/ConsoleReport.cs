using System.Text;

namespace L7Engine.Load.Bench.Report;

/// <summary>A run as text of a terminal: a line for each mode, then the ratios of modes.</summary>
/// <remarks>Pure.</remarks>
public static class ConsoleReport
{
    private static readonly string[] Columns =
    [
        "", "client → backend", "requests/s", "95 % interval", "CPU/request", "CPU use", "p50", "p99", "reuse", "valid",
    ];

    private static readonly string[] RatioColumns = ["ratio", "median", "95 % interval", "better"];

    /// <summary>Writes both tables and what is not in them.</summary>
    public static string Write(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        AppendTable(text, leftColumns: 2, [Columns, .. report.Subjects.SelectMany(RowsOf)]);
        text.AppendLine();
        if (report.Comparisons.Count > 0)
        {
            AppendTable(text, leftColumns: 1, [RatioColumns, .. report.Comparisons.Select(RowOf)]);
            text.AppendLine();
        }

        AppendLines(text, InvalidBlocks.Of(report).Select(
            b => $"Invalid: {b.Rounds}, {b.Subject}, {b.Mode}: {b.Reason}"));
        AppendLines(text, Caution.Of(report).Select(c => c.Text));
        return text.ToString();
    }

    // Names stand at the left, figures at the right.
    private static void AppendTable(StringBuilder text, int leftColumns, string[][] rows)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                column < leftColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static IEnumerable<string[]> RowsOf(Subject subject) => subject.Quadrants.Select((quadrant, index) =>
    {
        BenchFigures figures = quadrant.Figures;
        return new[]
        {
            index == 0 ? subject.Name : "",
            ModeText.Of(quadrant),
            TextOf(figures.RequestsPerSecond, FigureText.Number),
            figures.RequestsPerSecond is { } e ? FigureText.Interval(e) : "–",
            TextOf(figures.CpuMicroseconds, FigureText.Time),
            TextOf(figures.CpuShare, share => FigureText.Tick(Math.Round(100 * share)) + " %"),
            TextOf(figures.P50, FigureText.Time),
            TextOf(figures.P99, FigureText.Time),
            TextOf(figures.ReuseRate, FigureText.Share),
            $"{FigureText.Tick(quadrant.Blocks.Count(b => b.IsValid))}/{FigureText.Tick(quadrant.Blocks.Count)}",
        };
    });

    private static string[] RowOf(Comparison comparison) =>
    [
        $"{comparison.Figure}: {comparison.First} / {comparison.Second}",
        FigureText.Number(comparison.Ratio.Median),
        FigureText.Interval(comparison.Ratio),
        comparison.Winner is not { } winner ? "no winner" : winner == comparison.First ? "the first" : "the second",
    ];

    private static string TextOf(Estimate? estimate, Func<double, string> text) =>
        estimate is null ? "–" : text(estimate.Median);

    private static void AppendLines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            text.AppendLine(line);
        }
    }
}
