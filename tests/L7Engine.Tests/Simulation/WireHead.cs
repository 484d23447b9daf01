using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>A start line and its fields, as plain text.</summary>
internal sealed class WireHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    public WireHead(string text)
    {
        string[] lines = text.Split("\r\n");
        StartLine = lines[0];
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            _fields.Add(colon > 0
                ? (line[..colon], line[(colon + 1)..].Trim(' '))
                : throw new SimulationException($"'{line}' is no field."));
        }

        if (text.AsSpan().ContainsAny("\0\t") || text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny("\r\n"))
        {
            throw new SimulationException($"Control bytes in the head '{text}'.");
        }
    }

    public string StartLine { get; }

    /// <summary>Of a response.</summary>
    public int Status => int.Parse(StartLine.AsSpan(9, 3));

    public bool IsChunked => Field("Transfer-Encoding") is { } coding
        && (coding == "chunked" ? true : throw new SimulationException($"Transfer-Encoding: {coding}"));

    /// <summary>-1 when there is none.</summary>
    public int Length => Field("Content-Length") is { } length ? int.Parse(length) : -1;

    /// <returns>Null when there is none; it must not be there twice.</returns>
    public string? Field(string name)
    {
        string[] values = [.. All(name)];
        return values.Length < 2 ? values.FirstOrDefault()
            : throw new SimulationException($"{name} is there {values.Length} times.");
    }

    public IEnumerable<string> All(string name) => _fields
        .Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);

    public bool HasOption(string option) => (Field("Connection") ?? "").Split(", ").Contains(option);

    public override string ToString() => StartLine + " | " + string.Join(" | ", _fields.Select(f => f.Name + ": " + f.Value));
}
