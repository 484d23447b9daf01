namespace L7Engine.Load.Bench.Report;

/// <summary>Tables that scroll sideways where the screen is narrow.</summary>
internal static class Tables
{
    /// <summary>The first column names the row.</summary>
    public static Html Write(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) => Html.Of($"""
        <div class="scroll"><table><thead><tr>{Html.Join(columns, WriteHead)}</tr></thead>
        <tbody>{Html.Join(rows, WriteRow)}</tbody></table></div>

        """);

    // A head may go on in a second line, but not behind the hyphen of a word.
    private static Html WriteHead(string column) =>
        Html.Of($"""<th scope="col">{column.Replace('-', '\u2011')}</th>""");

    private static Html WriteRow(IReadOnlyList<string> cells) => Html.Of(
        $"""<tr><th scope="row">{cells[0]}</th>{Html.Join(cells.Skip(1), WriteCell)}</tr>""");

    // The interval stands below its median.
    private static Html WriteCell(string cell)
    {
        string[] parts = cell.Split('\n');
        return parts.Length == 2
            ? Html.Of($"""<td>{parts[0]}<small>{parts[1]}</small></td>""")
            : Html.Of($"""<td>{cell}</td>""");
    }
}
