using System.Net;
using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>An object of the file, read member by member. What cannot be read is a problem.</summary>
/// <remarks>Every key that is asked for counts as known; <see cref="Read{T}"/> reports the others.</remarks>
internal sealed class ConfigObject
{
    private readonly List<string> _known = [];
    private readonly ConfigNode _node;
    private readonly ConfigProblems _problems;

    private ConfigObject(ConfigNode node, ConfigProblems problems)
    {
        _node = node;
        _problems = problems;
    }

    /// <summary>Reads a whole object; one that is none is a problem, and all of its defaults stay.</summary>
    public static T Read<T>(ConfigNode node, ConfigProblems problems, Func<ConfigObject, T> read)
    {
        if (node.Kind != NodeKind.Object)
        {
            problems.Add(node, $"is {node.Shown}; it must be an object: {{ }}");
            node = new ConfigNode(NodeKind.Object, node.Path, node.Offset, "");

            // What it therefore lacks is no news.
            problems = new ConfigProblems();
        }

        var reading = new ConfigObject(node, problems);
        T value = read(reading);
        reading.ReportUnknownKeys();
        return value;
    }

    public string Text(string key, string fallback) => Value(key, fallback, "a text", ConfigValues.Text);

    public string? TextOrNull(string key, string? fallback) =>
        Value(key, fallback, "a text, or null", ConfigValues.TextOrNull);

    public bool Flag(string key, bool fallback) => Value(key, fallback, "true or false", ConfigValues.Flag);

    public bool? FlagOrNull(string key, bool? fallback) =>
        Value(key, fallback, "true, false or null", ConfigValues.FlagOrNull);

    public int Count(string key, int fallback) => Value(key, fallback, "a whole number", ConfigValues.Count);

    public double Share(string key, double fallback) => Value(key, fallback, "a number, 0 to 1", ConfigValues.Number);

    public double Factor(string key, double fallback) => Value(key, fallback, "a number", ConfigValues.Number);

    public long Bytes(string key, long fallback) => Value(key, fallback, SizeText.Form, ConfigValues.Bytes);

    public int Bytes(string key, int fallback) =>
        Value(key, fallback, $"{SizeText.Form}, less than 2GiB", ConfigValues.IntBytes);

    public TimeSpan Duration(string key, TimeSpan fallback) =>
        Value(key, fallback, DurationText.Form, ConfigValues.Duration);

    public TimeSpan? DurationOrNull(string key, TimeSpan? fallback) =>
        Value(key, fallback, $"{DurationText.Form}, or null", ConfigValues.DurationOrNull);

    /// <summary>A count, size or duration of which 0 is no limit, and may be written "none".</summary>
    public T OrNone<T>(string key, T fallback, Func<string, T, T> read)
        where T : struct
    {
        bool isNone = _node.Members.TryGetValue(key, out ConfigMember member)
            && member.Value is { Kind: NodeKind.String, Text: "none" };
        if (!isNone)
        {
            return read(key, fallback);
        }

        _known.Add(key);
        return default;
    }

    public T Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        string form = string.Join(" or ", ConfigValues.ChoicesOf<T>().Select(c => $"\"{c}\""));
        return Value(key, fallback, form, ConfigValues.Choice, ConfigValues.ChoicesOf<T>());
    }

    /// <returns>The address; null, and a problem, when it is missing or none.</returns>
    public IPEndPoint Address(string key) => Required<IPEndPoint>(key, AddressText.Form, ConfigValues.Address);

    /// <returns>The address or name; null, and a problem, when it is missing or none.</returns>
    public EndPoint BackendAddress(string key) =>
        Required<EndPoint>(key, AddressText.BackendForm, ConfigValues.BackendAddress);

    public T Object<T>(string key, T fallback, Func<ConfigObject, T> read)
    {
        _known.Add(key);
        return _node.Members.TryGetValue(key, out ConfigMember member)
            ? Read(member.Value, _problems, read)
            : fallback;
    }

    public IReadOnlyList<T> Objects<T>(string key, Func<ConfigObject, T> read) =>
        List<T>(key, [], item => Read(item, _problems, read));

    public IReadOnlyList<T> Values<T>(string key, IReadOnlyList<T> fallback, string form, ConfigValue<T> tryRead) =>
        List(key, fallback, item => Value(item, default!, form, tryRead));

    private IReadOnlyList<T> List<T>(string key, IReadOnlyList<T> fallback, Func<ConfigNode, T> read)
    {
        _known.Add(key);
        if (!_node.Members.TryGetValue(key, out ConfigMember member))
        {
            return fallback;
        }

        if (member.Value.Kind == NodeKind.Array)
        {
            return [.. member.Value.Items.Select(read)];
        }

        _problems.Add(member.Value, $"is {member.Value.Shown}; it must be a list: [ ]");
        return fallback;
    }

    private T Required<T>(string key, string form, ConfigValue<T> tryRead)
        where T : class
    {
        if (!_node.Members.ContainsKey(key))
        {
            _problems.Add(_node.Offset, _node.PathOf(key), $"is missing; it must be {form}");
        }

        return Value(key, null!, form, tryRead);
    }

    private T Value<T>(
        string key, T fallback, string form, ConfigValue<T> tryRead, IReadOnlyList<string>? choices = null)
    {
        _known.Add(key);
        return _node.Members.TryGetValue(key, out ConfigMember member)
            ? Value(member.Value, fallback, form, tryRead, choices)
            : fallback;
    }

    private T Value<T>(
        ConfigNode node, T fallback, string form, ConfigValue<T> tryRead, IReadOnlyList<string>? choices = null)
    {
        if (tryRead(node, out T value))
        {
            return value;
        }

        string? meant = choices is null ? null : NearestName.Of(node.Text, choices);
        string right = meant is null ? $"it must be {form}" : $"did you mean \"{meant}\"?";
        _problems.Add(node, $"is {node.Shown}; {right}");
        return fallback;
    }

    private void ReportUnknownKeys()
    {
        foreach ((string key, ConfigMember member) in _node.Members)
        {
            if (!_known.Contains(key))
            {
                string? meant = NearestName.Of(key, _known);
                _problems.Add(member.KeyOffset, _node.PathOf(key), "is no setting; " + (meant is null
                    ? $"here are {string.Join(", ", _known)}"
                    : $"did you mean \"{meant}\"?"));
            }
        }
    }
}
