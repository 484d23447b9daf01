using L7Engine.Configuration;

namespace L7Engine;

/// <summary>What backends are told of the client: <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>.</summary>
public sealed record ForwardedOptions
{
    /// <summary>How the three fields are written.</summary>
    /// <value>Default <see cref="ForwardedFields.Set"/>.</value>
    public ForwardedFields Mode { get; init; } = ForwardedFields.Set;

    internal void Validate(ConfigErrors errors, int trustedProxyCount)
    {
        errors.RequireDefined(Mode);
        if (Mode == ForwardedFields.Append && trustedProxyCount == 0)
        {
            errors.Add("mode", "is append, but trustedProxies is empty; name the proxies, or use \"set\"");
        }
    }
}
