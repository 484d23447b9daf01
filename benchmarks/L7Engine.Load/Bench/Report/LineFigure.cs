using System.Globalization;

namespace L7Engine.Load.Bench.Report;

/// <summary>Lines over two axes: latencies over percentiles, throughput over connections, costs over sizes.</summary>
internal static class LineFigure
{
    private const int Height = 270;
    private const int Left = 58;
    private const int Right = Figure.Width - 22;
    private const int Top = 26;
    private const int Bottom = Height - 36;

    /// <param name="X">Where on the horizontal axis.</param>
    /// <param name="Low">Where its interval begins; null where there is none.</param>
    internal sealed record Point(double X, double Y, double? Low = null, double? High = null);

    internal sealed record Line(string Class, string Name, IReadOnlyList<Point> Points);

    /// <summary>Latencies at the fixed rate. To the right each step is ten times rarer.</summary>
    public static Figure OfLatencies(string id, string title, string description, IReadOnlyList<Line> lines)
    {
        Point[] points = [.. lines.SelectMany(l => l.Points)];
        double rarest = Math.Max(100, points.Select(p => p.X).DefaultIfEmpty(100).Max());
        var across = new Scale(1, rarest, Left, Right, IsLogarithmic: true);
        var up = Scale.Logarithmic(points.Select(p => p.Y), Bottom, Top);
        (double Value, string Text)[] marks =
        [
            (1, "0"), (2, "50"), (10, "90"), (100, "99"), (1_000, "99.9"), (10_000, "99.99"), (100_000, "99.999"),
        ];
        Html axes = Html.Of($"""
            {Axes.Below(across, marks.Where(m => m.Value <= rarest * 1.001), Top, Bottom, "percentile")}
            {Axes.Left(up, Left, Right, "latency", FigureText.Time)}
            """);
        return Of(id, title, description, lines, across, up, axes, "Percentile",
            x => (100 - (100 / x)).ToString("0.####", CultureInfo.InvariantCulture), FigureText.Time);
    }

    /// <summary>A series over a quantity that doubles.</summary>
    public static Figure OfSeries(
        string id, string title, string description, IReadOnlyList<Line> lines, string xUnit, string yUnit,
        Func<double, string> xText, Func<double, string> yText)
    {
        Point[] points = [.. lines.SelectMany(l => l.Points)];
        double[] values = [.. points.Select(p => p.X).Distinct().Order()];
        var across = new Scale(values[0], values.Length > 1 ? values[^1] : values[0] * 2, Left + 8, Right - 6, true);
        var up = Scale.FromZero(points.Max(p => Math.Max(p.Y, p.High ?? 0)), Bottom, Top);
        Html axes = Html.Of($"""
            {Axes.Below(across, values.Select(v => (v, xText(v))), Top, Bottom, xUnit)}
            {Axes.Left(up, Left, Right, yUnit, yText)}
            """);
        return Of(id, title, description, lines, across, up, axes, xUnit, xText, yText);
    }

    private static Figure Of(
        string id, string title, string description, IReadOnlyList<Line> lines, Scale across, Scale up, Html axes,
        string xName, Func<double, string> xText, Func<double, string> yText) => new()
        {
            Id = id,
            Title = title,
            Description = description,
            Height = Height,
            Drawing = Html.Of($"{axes}{Html.Join(lines, line => Draw(line, across, up))}"),
            Legend = [.. lines.Select(l => (l.Class, l.Name))],
            Columns = ["Line", xName, "Value"],
            Rows = [.. from l in lines from p in l.Points select new[] { l.Name, xText(p.X), TextOf(p, yText) }],
        };

    private static string TextOf(Point point, Func<double, string> text) => point is { Low: { } low, High: { } high }
        ? $"{text(point.Y)}\n{FigureText.Range(text(low), text(high))}"
        : text(point.Y);

    private static Html Draw(Line line, Scale across, Scale up)
    {
        bool hasIntervals = line.Points.Any(p => p.Low is not null);
        Html places = Html.Join(line.Points, p => Html.Of($"{across.At(p.X)},{up.At(p.Y)} "));
        return Html.Of($"""
            <polyline class="{line.Class}" points="{places}"/>
            {(hasIntervals ? Html.Join(line.Points, p => DrawPoint(line, p, across, up)) : new Html())}
            """);
    }

    private static Html DrawPoint(Line line, Point point, Scale across, Scale up)
    {
        double x = across.At(point.X);
        (double low, double high) = (up.At(point.Low ?? point.Y), up.At(point.High ?? point.Y));
        return Html.Of($"""
            <path class="{line.Class} thin" d="M{x} {low}V{high}"/>
            <circle class="{line.Class} dot" cx="{x}" cy="{up.At(point.Y)}" r="3"/>

            """);
    }
}
