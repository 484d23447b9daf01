using System.Net;
using System.Runtime.CompilerServices;

namespace L7Engine.Load.Traffic;

/// <summary>What a load generator sends, to whom and for how long.</summary>
public sealed record LoadPlan
{
    private const double MaxRate = 10_000_000;

    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    /// <summary>Who is asked.</summary>
    public required IPEndPoint Target { get; init; }

    /// <summary>The Host field; null is the target's address and port.</summary>
    public string? Host { get; init; }

    /// <summary>Connections that are open at a time, over all threads.</summary>
    /// <value>Default 64. From 1 on.</value>
    public int Connections { get; init; } = 64;

    /// <summary>Requests a second, over all threads: an open loop, whose requests come whether or not earlier ones
    /// were answered; their latency counts from the moment in which they should have been sent.</summary>
    /// <value>Default 0: a closed loop, in which each connection asks as soon as it was answered. To 10,000,000.
    /// </value>
    public double RatePerSecond { get; init; }

    /// <summary>Requests after which a connection says close, and another one takes its place.</summary>
    /// <value>Default 0: connections are kept for as long as the target keeps them. 1 is a connection each.</value>
    public int RequestsPerConnection { get; init; }

    /// <summary>Local addresses to connect from, in turn; all IPv4 or all IPv6, as the target.</summary>
    /// <value>Default empty: the system chooses.</value>
    public IReadOnlyList<IPAddress> Sources { get; init; } = [];

    /// <summary>What is asked for, each as often as its weight says; at least one.</summary>
    public IReadOnlyList<RequestKind> Mix { get; init; } = [new RequestKind()];

    /// <summary>How long a connection of a closed loop waits between a response and its next request.</summary>
    public ThinkTime Think { get; init; } = ThinkTime.None;

    /// <summary>The time that counts.</summary>
    /// <value>Default 1 s. More than 0; to 365 days, as the two that follow.</value>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time before that, in which nothing counts.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>For a response; then the request has failed and its connection is closed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Threads, each with its share of the connections and of the rate.</summary>
    /// <value>Default 1. At most one for each connection.</value>
    public int Threads { get; init; } = 1;

    /// <summary>The same seed gives the same kinds of requests and think times in the same order.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Throws where a value is out of its range, and names it.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Connections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, Connections);
        ArgumentOutOfRangeException.ThrowIfNegative(RequestsPerConnection);
        ArgumentOutOfRangeException.ThrowIfNegative(RatePerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RatePerSecond, MaxRate);
        CheckTime(Duration, TimeSpan.FromTicks(1));
        CheckTime(WarmUp, TimeSpan.Zero);
        CheckTime(Timeout, TimeSpan.FromTicks(1));
        CheckSources();
        CheckMix();
    }

    private static void CheckTime(
        TimeSpan time, TimeSpan least, [CallerArgumentExpression(nameof(time))] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, LongestTime, name);
    }

    private void CheckSources()
    {
        if (Sources.FirstOrDefault(s => s.AddressFamily != Target.AddressFamily) is { } other)
        {
            throw new ArgumentException($"{Target} cannot be reached from {other}.", nameof(Sources));
        }
    }

    private void CheckMix()
    {
        ArgumentOutOfRangeException.ThrowIfZero(Mix.Count, nameof(Mix));
        foreach (RequestKind kind in Mix)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(kind.Weight, 1, nameof(kind.Weight));
            ArgumentOutOfRangeException.ThrowIfNegative(kind.BodyBytes, nameof(kind.BodyBytes));
        }
    }
}
