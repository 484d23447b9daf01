using System.Text.Json.Serialization;

namespace L7Engine.Load.Bench.Roles;

/// <summary>What the generator is told to send.</summary>
internal sealed record LoadOrder
{
    /// <summary>Address and port.</summary>
    public required string Target { get; init; }

    /// <summary>The Host field; null is the target.</summary>
    public string? Host { get; init; }

    public string Path { get; init; } = "/";

    public required int Connections { get; init; }

    /// <summary>0 is a closed loop.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>True for a connection each request.</summary>
    public bool Closes { get; init; }

    public required TimeSpan Duration { get; init; }

    public TimeSpan WarmUp { get; init; }

    /// <summary>Null takes any.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>True when the response has to repeat the request's number.</summary>
    public bool EchoesId { get; init; }
}

/// <summary>What came of it.</summary>
internal sealed record LoadAnswer
{
    public double RequestsPerSecond { get; init; }

    public long Completed { get; init; }

    public long ConnectionsOpened { get; init; }

    /// <summary>Such as "Reset 3, Timeout 1"; null when nothing failed.</summary>
    public string? Failures { get; init; }

    /// <summary>Nanoseconds and how often, rising.</summary>
    public long[] Latencies { get; init; } = [];

    public long[] Counts { get; init; } = [];
}

/// <summary>Orders and answers on one line each.</summary>
[JsonSerializable(typeof(LoadOrder))]
[JsonSerializable(typeof(LoadAnswer))]
internal sealed partial class LoadJson : JsonSerializerContext;
