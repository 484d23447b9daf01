using System.Globalization;

namespace L7Engine.Load.Bench.Report;

/// <summary>A run as one page of HTML that needs nothing else: no script, no font, no request.</summary>
/// <remarks>
/// Pure. Whatever comes from outside is escaped, and the page itself forbids anything but its own style.
/// </remarks>
public static class ReportPage
{
    // What was asked first matters most; the rest is a click away, and all ratios are in a table.
    private const int ShownVerdicts = 6;

    /// <summary>Writes the whole page.</summary>
    public static string Write(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Keep-alive against close: {string.Join(", ", report.Subjects.Select(s => s.Name))}</title>
            <style>
            {ReportStyle.Sheet}
            </style>
            </head>
            <body>
            <header>
            <h1>Keep-alive against close</h1>
            <p class="lead">{Lead(report)}</p>
            </header>
            <main>
            {Html.Join(Caution.Of(report), WriteCaution)}{Verdicts(report)}
            <section><h2>Plots</h2>
            {WritePlots(report)}</section>
            {FigureTables.Write(report)}
            {MachineSection.Write(report)}
            </main>
            </body>
            </html>

            """).ToString();
    }

    private static string Lead(BenchReport report)
    {
        (BenchPlan plan, BenchEnvironment machine) = (report.Plan, report.Environment);
        string began = machine.Began.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        string rate = plan.RatePerSecond > 0
            ? $"; latency at {FigureText.Number(plan.RatePerSecond)} requests/s"
            : "";
        return $"{(plan.IsFull ? "Full" : "Quick")} run of {began} UTC on {machine.Processor}, "
            + $"{Count(machine.Cores, "CPU")}: {Count(plan.Blocks, "block")} of "
            + $"{FigureText.Tick(plan.BlockTime.TotalSeconds)} s per mode, "
            + $"{Count(plan.Connections, "connection")}, response body {FigureText.Bytes(plan.BodyBytes)}{rate}.";
    }

    private static string Count(int number, string what) =>
        $"{FigureText.Tick(number)} {what}{(number == 1 ? "" : "s")}";

    private static Html WriteCaution(Caution caution)
    {
        Html more = caution.Section is { } section ? Html.Of($""" <a href="#{section}">Why</a>""") : new Html();
        return Html.Of($"""
            <p class="warning">{caution.Text}{more}</p>

            """);
    }

    private static Html WritePlots(BenchReport report)
    {
        Figure[] plots = [.. Plots.Of(report)];
        return plots.Length == 0
            ? Html.Of($"<p>None: there is no valid block.</p>")
            : Html.Join(plots, plot => plot.Write());
    }

    private static Html Verdicts(BenchReport report) => report.Comparisons.Count == 0
        ? new Html()
        : Html.Of($"""
            <section><h2>Results</h2>
            {WriteVerdicts(report.Comparisons.Take(ShownVerdicts))}{MoreVerdicts(report)}
            <p class="note">No winner is named where the 95 % intervals overlap or the ratio may be 1.</p>
            </section>
            """);

    private static Html MoreVerdicts(BenchReport report)
    {
        int more = report.Comparisons.Count - ShownVerdicts;
        Html rest = WriteVerdicts(report.Comparisons.Skip(ShownVerdicts));
        return more <= 0
            ? new Html()
            : Html.Of($"""
                <details><summary>{more} more comparisons</summary>{rest}</details>
                """);
    }

    private static Html WriteVerdicts(IEnumerable<Comparison> comparisons) =>
        Html.Of($"""<ul class="verdicts">{Html.Join(comparisons, WriteVerdict)}</ul>""");

    private static Html WriteVerdict(Comparison comparison) => Html.Of(
        $"""<li{Unsure(comparison)}>{Verdict.Of(comparison)}</li>""");

    private static Html Unsure(Comparison comparison) =>
        comparison.Winner is null ? Html.Of($""" class="unsure" """) : new Html();
}
