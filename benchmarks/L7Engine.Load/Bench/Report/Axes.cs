namespace L7Engine.Load.Bench.Report;

/// <summary>Axes with fine lines, marks and units.</summary>
internal static class Axes
{
    /// <summary>The horizontal axis, its lines from top to bottom.</summary>
    public static Html Below(Scale scale, double top, double bottom, string unit, Func<double, string>? mark = null) =>
        Below(scale, scale.Ticks().Select(t => (t, (mark ?? FigureText.Tick)(t))), top, bottom, unit);

    public static Html Below(
        Scale scale, IEnumerable<(double Value, string Text)> ticks, double top, double bottom, string unit) =>
        Html.Of($"""
        {Html.Join(ticks, tick => MarkBelow(scale.At(tick.Value), tick.Text, top, bottom))}
        <text class="unit" x="{(scale.From + scale.To) / 2}" y="{bottom + 31}" text-anchor="middle">{unit}</text>

        """);

    /// <summary>The vertical axis, its lines from left to right, its unit above it.</summary>
    public static Html Left(Scale scale, double left, double right, string unit, Func<double, string>? mark = null) =>
        Html.Of($"""
        {Html.Join(scale.Ticks(), tick => MarkLeft(scale.At(tick), (mark ?? FigureText.Tick)(tick), left, right))}
        <text class="unit" x="0" y="{scale.To - 12}">{unit}</text>

        """);

    private static Html MarkBelow(double x, string text, double top, double bottom) => Html.Of($"""
        <path class="grid" d="M{x} {top}V{bottom}"/>
        <text class="tick" x="{x}" y="{bottom + 15}" text-anchor="middle">{text}</text>

        """);

    private static Html MarkLeft(double y, string text, double left, double right) => Html.Of($"""
        <path class="grid" d="M{left} {y}H{right}"/>
        <text class="tick" x="{left - 6}" y="{y + 4}" text-anchor="end">{text}</text>

        """);
}
