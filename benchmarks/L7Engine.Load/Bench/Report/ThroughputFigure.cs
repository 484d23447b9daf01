namespace L7Engine.Load.Bench.Report;

/// <summary>Requests a second of every mode, as bars with their intervals.</summary>
internal static class ThroughputFigure
{
    private const int BarHeight = 15;
    private const int BarGap = 4;
    private const int HeadHeight = 19;
    private const int GroupGap = 10;
    private const int Right = Figure.Width - 56;

    public static Figure Of(BenchReport report)
    {
        var groups = ModesOf(report);
        double most = groups.SelectMany(g => g.Bars).Max(b => b.Value?.High ?? 0);
        var scale = Scale.FromZero(most, 4, Right);
        int height = groups.Sum(HeightOf) + 34;
        return new Figure
        {
            Id = "throughput",
            Title = "Throughput",
            Description = "Requests/s in a closed loop, by client side → backend side. Bars are medians, whiskers 95 % "
                + "intervals. Longer is better.",
            Height = height,
            Drawing = Html.Of($"{Axes.Below(scale, 0, height - 34, "requests/s")}{DrawGroups(groups, scale)}"),
            Legend = [.. report.Subjects.Select((s, i) => (Series.BarOf(s, i), s.Name))],
            Columns = ["Mode", "Subject", "Median", "95 % interval"],
            Rows =
            [
                .. from g in groups
                   from b in g.Bars
                   select new[]
                   {
                       g.Name, b.Name, b.Value is { } v ? FigureText.Number(v.Median) : "–",
                       b.Value is { } e ? FigureText.Interval(e) : "–",
                   },
            ],
        };
    }

    // One without a value says so: it would look as if it had not been measured.
    private sealed record Bar(string Class, string Name, Estimate? Value);

    private sealed record Group(string Name, IReadOnlyList<Bar> Bars);

    private static int HeightOf(Group group) => HeadHeight + (group.Bars.Count * (BarHeight + BarGap)) + GroupGap;

    private static Group[] ModesOf(BenchReport report) =>
    [
        .. from subject in report.Subjects.Index()
           from quadrant in subject.Item.Quadrants
           let bar = new Bar(
               Series.BarOf(subject.Item, subject.Index), subject.Item.Name, quadrant.Figures.RequestsPerSecond)
           group bar by (quadrant.Client, quadrant.Backend) into mode
           orderby mode.Key.Backend is null, mode.Key.Client, mode.Key.Backend
           select new Group(
               ModeText.Of(new Quadrant { Client = mode.Key.Client, Backend = mode.Key.Backend })
                   + (mode.Key.Backend is null ? ", no proxy" : ""),
               [.. mode]),
    ];

    private static Html DrawGroups(Group[] groups, Scale scale)
    {
        var drawing = new Html();
        double top = 0;
        foreach (Group group in groups)
        {
            drawing.Add($"""<text class="name" x="4" y="{top + 13}">{group.Name}</text>""");
            double y = top + HeadHeight;
            foreach (Bar bar in group.Bars)
            {
                drawing.Add($"{Draw(bar, scale, y)}");
                y += BarHeight + BarGap;
            }

            top += HeightOf(group);
        }

        return drawing;
    }

    private static Html Draw(Bar bar, Scale scale, double y)
    {
        double middle = y + (BarHeight / 2.0);
        if (bar.Value is not { } value)
        {
            return Html.Of($"""
                <text class="value" x="{scale.From}" y="{middle + 4}">{bar.Name}: no valid block</text>

                """);
        }

        (double low, double high) = (scale.At(value.Low), scale.At(value.High));
        double end = scale.At(value.Median);
        double width = Math.Max(1, end - scale.From);
        double text = Math.Max(end, high) + 6;
        Html whisker = Html.Of($"M{low} {middle}H{high}M{low} {middle - 4}v8M{high} {middle - 4}v8");
        return Html.Of($"""
            <rect class="{bar.Class}" x="{scale.From}" y="{y}" width="{width}" height="{BarHeight}" rx="1.5"/>
            <path class="halo" d="{whisker}"/><path class="whisker" d="{whisker}"/>
            <text class="value" x="{text}" y="{middle + 4}">{FigureText.Number(value.Median)}</text>

            """);
    }
}
