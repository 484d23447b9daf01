using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A message head as it came, for those who want to look something up in it.</summary>
internal sealed record WireHead(string Text)
{
    private string[] Lines => Text.Split("\r\n");

    public string StartLine => Lines[0];

    /// <summary>The status of a response.</summary>
    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The path of a request.</summary>
    public string Target => StartLine.Split(' ')[1];

    public bool IsChunked => this["Transfer-Encoding"] == "chunked";

    public long? Length =>
        this["Content-Length"] is { } digits ? long.Parse(digits, CultureInfo.InvariantCulture) : null;

    /// <summary>The value of the first such field, or null.</summary>
    public string? this[string name] => Lines.Skip(1)
        .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();

    public int Number(string name) => int.Parse(this[name]!, CultureInfo.InvariantCulture);

    public override string ToString() => Text;
}
