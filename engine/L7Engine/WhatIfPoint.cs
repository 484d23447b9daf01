namespace L7Engine;

/// <summary>What one idle timeout would do. What was not observed is a range: low and high differ.</summary>
public readonly record struct WhatIfPoint
{
    /// <summary>The idle timeout that is asked about.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Share of all requests that would find their connection open, at least.</summary>
    /// <value>0 to 1.</value>
    public required double ShareLow { get; init; }

    /// <summary>Share of all requests that would find their connection open, at most.</summary>
    /// <value>0 to 1; equal to <see cref="ShareLow"/> when it was observed.</value>
    public required double ShareHigh { get; init; }

    /// <summary>Connections that would be open on the average, at least; those in an exchange included.</summary>
    public required double OpenLow { get; init; }

    /// <summary>Connections that would be open on the average, at most.</summary>
    public required double OpenHigh { get; init; }

    /// <summary>Gaps that were watched for as long as this timeout, or to their end before it.</summary>
    public required long Gaps { get; init; }
}
