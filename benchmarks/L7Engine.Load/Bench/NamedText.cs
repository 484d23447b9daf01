namespace L7Engine.Load.Bench;

/// <summary>One line of a list: what it is, and what it says.</summary>
/// <param name="Name">Such as <c>net.ipv4.tcp_tw_reuse</c>.</param>
/// <param name="Text">Such as <c>2</c>.</param>
public sealed record NamedText(string Name, string Text);
