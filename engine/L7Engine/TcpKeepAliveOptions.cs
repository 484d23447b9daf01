using L7Engine.Configuration;

namespace L7Engine;

/// <summary>TCP keepalive: probes by the kernel that find peers which vanished without a word.</summary>
/// <remarks>It has nothing to do with HTTP persistence. Source: RFC 9293 section 3.8.4.</remarks>
public sealed record TcpKeepAliveOptions
{
    /// <summary>Whether probes are sent (<c>SO_KEEPALIVE</c>).</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Silence before the first probe (<c>TCP_KEEPIDLE</c>).</summary>
    /// <value>Default 2 h. Whole seconds, 1 s to 32,767 s: the kernel's own range.</value>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time between probes that are not answered (<c>TCP_KEEPINTVL</c>).</summary>
    /// <value>Default 75 s. Whole seconds, 1 s to 32,767 s.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Unanswered probes after which the connection is dead (<c>TCP_KEEPCNT</c>).</summary>
    /// <value>Default 10. Range 1 to 127.</value>
    public int Probes { get; init; } = 10;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireWholeSeconds(Time, 1, 32_767);
        errors.RequireWholeSeconds(Interval, 1, 32_767);
        errors.RequireRange(Probes, 1, 127);
    }
}
