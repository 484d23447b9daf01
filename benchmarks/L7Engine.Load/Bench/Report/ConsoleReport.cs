using System.Text;

namespace L7Engine.Load.Bench.Report;

/// <summary>A run as text of a terminal: one line for each mode, then what can be said of it.</summary>
/// <remarks>Pure.</remarks>
public static class ConsoleReport
{
    private static readonly string[] Columns =
    [
        "", "mode: client → backend", "requests/s", "95 % interval", "CPU/request", "p50", "p99", "reused", "blocks",
    ];

    // Names stand at the left, figures at the right.
    private const int LeftColumns = 2;

    /// <summary>Writes the table and the sentences.</summary>
    public static string Write(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        string[][] rows = [Columns, .. report.Subjects.SelectMany(RowsOf)];
        int[] widths = [.. Columns.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                column < LeftColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }

        AppendRemarks(text, report);
        return text.ToString();
    }

    private static IEnumerable<string[]> RowsOf(Subject subject) => subject.Quadrants.Select((quadrant, index) =>
    {
        BenchFigures figures = quadrant.Figures;
        return new[]
        {
            index == 0 ? subject.Name : "",
            ModeText.Of(quadrant),
            TextOf(figures.RequestsPerSecond, FigureText.Number),
            figures.RequestsPerSecond is { } e
                ? FigureText.Range(FigureText.Number(e.Low), FigureText.Number(e.High))
                : "–",
            TextOf(figures.CpuMicroseconds, FigureText.Time),
            TextOf(figures.P50, FigureText.Time),
            TextOf(figures.P99, FigureText.Time),
            TextOf(figures.ReuseRate, FigureText.Share),
            $"{FigureText.Tick(quadrant.Blocks.Count(b => b.IsValid))}/{FigureText.Tick(quadrant.Blocks.Count)}",
        };
    });

    private static string TextOf(Estimate? estimate, Func<double, string> text) =>
        estimate is null ? "–" : text(estimate.Median);

    private static void AppendRemarks(StringBuilder text, BenchReport report)
    {
        text.AppendLine();
        foreach (Comparison comparison in report.Comparisons)
        {
            text.AppendLine(Verdict.Of(comparison));
        }

        var invalid = from s in report.Subjects
                      from q in s.Quadrants
                      from b in q.Blocks
                      where !b.IsValid
                      let place = $"round {FigureText.Tick(b.Round)}, {s.Name}, {ModeText.LongOf(q)}"
                      select $"Not counted: {place}: {b.Invalid}";
        foreach (string line in invalid)
        {
            text.AppendLine(line);
        }

        if (report.Plan.WasInterrupted)
        {
            text.AppendLine("The run was interrupted: only blocks that were finished count.");
        }
    }
}
