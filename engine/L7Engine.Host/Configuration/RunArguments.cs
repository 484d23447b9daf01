using System.Net;

namespace L7Engine.Host.Configuration;

/// <summary>What <c>l7engine run</c> was told on the command line.</summary>
internal sealed record RunArguments
{
    /// <summary>The file; null when the flags are the whole configuration.</summary>
    public string? ConfigPath { get; init; }

    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    public IReadOnlyList<EndPoint> Backends { get; init; } = [];

    /// <summary>Overrides the file; null leaves it.</summary>
    public int? Loops { get; init; }

    /// <summary>Turns persistence off on every listener.</summary>
    public bool Close { get; init; }

    /// <summary>Shares the port of every listener.</summary>
    public bool SharePort { get; init; }
}
