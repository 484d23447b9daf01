using System.Net;

namespace L7Engine;

/// <summary>What is known of the name of backends.</summary>
public sealed record NameStatus
{
    /// <summary>The group it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>The name, without a port.</summary>
    public required string Name { get; init; }

    /// <summary>What it was last resolved to, in their order; empty as long as it never could be.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Why the last resolution failed; null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>Resolutions begun since the name was configured.</summary>
    public long Resolutions { get; init; }
}
