namespace L7Engine;

/// <summary>One broken rule of a configuration.</summary>
/// <param name="Path">Where, as in the JSON file, such as <c>listeners[0].keepAlive.idleTimeout</c>.</param>
/// <param name="Message">What is wrong; what would be right. One line, no full stop.</param>
public readonly record struct ConfigurationError(string Path, string Message)
{
    /// <returns>Path and message, in one line.</returns>
    public override string ToString() => $"{Path}: {Message}";
}
