namespace L7Engine.Load.Bench.Report;

/// <summary>A drawing with a title, a description, a legend and its figures as a table.</summary>
internal sealed record Figure
{
    /// <summary>The width of every drawing, in its own units: near the pixels of a telephone, so that the letters of a
    /// drawing stay readable there.</summary>
    public const int Width = 380;

    /// <summary>Unique on the page.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What the drawing says, for those who do not see it.</summary>
    public required string Description { get; init; }

    public required int Height { get; init; }

    public required Html Drawing { get; init; }

    /// <summary>Names of what is drawn, each with its class.</summary>
    public IReadOnlyList<(string Class, string Name)> Legend { get; init; } = [];

    public required IReadOnlyList<string> Columns { get; init; }

    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }

    public Html Write() => Html.Of($"""
        <figure>
        <h3>{Title}</h3>
        {WriteLegend()}<svg viewBox="0 0 {Width} {Height}" role="img" aria-labelledby="{Id}-t {Id}-d">
        <title id="{Id}-t">{Title}</title><desc id="{Id}-d">{Description}</desc>
        {Drawing}</svg>
        <figcaption>{Description}</figcaption>
        <details><summary>The figures of this plot</summary>{Tables.Write(Columns, Rows)}</details>
        </figure>

        """);

    private Html WriteLegend() => Legend.Count == 0
        ? new Html()
        : Html.Of($"""<ul class="legend">{Html.Join(Legend, WriteKey)}</ul>""");

    private static Html WriteKey((string Class, string Name) key) => Html.Of(
        $"""<li><svg viewBox="0 0 22 10" class="key" aria-hidden="true">{Key(key.Class)}</svg>{key.Name}</li>""");

    private static Html Key(string name) => name.StartsWith("bar", StringComparison.Ordinal)
        ? Html.Of($"""<rect class="{name}" x="4" y="0" width="14" height="10" rx="1.5"/>""")
        : Html.Of($"""<path class="{name}" d="M1 5H21"/>""");
}
