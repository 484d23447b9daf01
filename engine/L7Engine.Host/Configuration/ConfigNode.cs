namespace L7Engine.Host.Configuration;

/// <summary>What a value of the file is.</summary>
internal enum NodeKind
{
    Object,
    Array,
    String,
    Number,
    Flag,
    Null,
}

/// <summary>One value of the file, and where it stands.</summary>
/// <param name="kind">What it is.</param>
/// <param name="path">Its path, such as <c>listeners[0].address</c>; empty for the whole file.</param>
/// <param name="offset">Where it starts, in bytes.</param>
/// <param name="text">The text of a string, the digits of a number, true or false; else empty.</param>
internal sealed class ConfigNode(NodeKind kind, string path, int offset, string text)
{
    public NodeKind Kind => kind;

    public string Path => path;

    public int Offset => offset;

    public string Text => text;

    /// <summary>The members of an object, in their order; the first of those that are given twice.</summary>
    public Dictionary<string, ConfigMember> Members { get; } = [];

    /// <summary>The items of an array.</summary>
    public List<ConfigNode> Items { get; } = [];

    /// <summary>The value in words, for error lines.</summary>
    public string Shown => Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.Array => "a list",
        NodeKind.String => $"\"{Text}\"",
        NodeKind.Null => "null",
        _ => Text,
    };

    public string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}

/// <summary>A key of an object, where it stands, and its value.</summary>
internal readonly record struct ConfigMember(int KeyOffset, ConfigNode Value);
