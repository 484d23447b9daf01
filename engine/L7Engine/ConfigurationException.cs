namespace L7Engine;

/// <summary>A configuration breaks rules; nothing was started or changed.</summary>
public sealed class ConfigurationException : Exception
{
    /// <param name="errors">Every broken rule.</param>
    public ConfigurationException(IReadOnlyList<ConfigurationError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>Every broken rule, in the order of the configuration.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }
}
