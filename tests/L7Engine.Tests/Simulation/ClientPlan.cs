using System.Net;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What a client does that no client should.</summary>
internal enum ClientFault
{
    None,
    Reset,
    Close,
    HalfClose,

    /// <summary>Nothing goes either way any more, and nobody says so.</summary>
    Vanish,
}

/// <summary>What a client does when it has all its responses.</summary>
internal enum Farewell
{
    Close,

    /// <summary>Nothing: the engine's idle timeout is to end it.</summary>
    Leave,

    /// <summary>Says with its last byte that it was the last.</summary>
    HalfCloseAfterLast,
}

/// <summary>One client connection: its requests, how they are sent, and how it ends.</summary>
internal sealed record ClientPlan
{
    public required IPAddress Address { get; init; }

    public required ExchangePlan[] Exchanges { get; init; }

    /// <summary>Requests that may be on their way at a time.</summary>
    public required int Depth { get; init; }

    public required TimeSpan StartsAt { get; init; }

    /// <summary>Chance of a pause after a piece, and its length.</summary>
    public double Pauses { get; init; }

    public TimeSpan MaxPause { get; init; }

    public bool ReadsSlowly { get; init; }

    /// <summary>Sends a body that 100 (Continue) never came for all the same.</summary>
    public bool IsImpatient { get; init; }

    public Farewell Farewell { get; init; }

    public ClientFault Fault { get; init; }

    /// <summary>After so many sent bytes, or received ones, the fault comes.</summary>
    public int FaultAtSent { get; init; } = int.MaxValue;

    public int FaultAtReceived { get; init; } = int.MaxValue;

    public static ClientPlan Of(int index, int firstId, SimRandom random, RunPlan run)
    {
        int count = 1 + random.Next(run.MaxExchangesPerClient);
        bool hasFault = run.HasClientFaults && random.Chance(0.3);
        bool isAtSent = random.Chance(0.6);
        return new ClientPlan
        {
            Address = new IPAddress([10, 1, (byte)(index >> 8), (byte)index]),
            Exchanges = [.. Enumerable.Range(0, count).Select(i => ExchangePlan.Of(firstId + i, random, run, i == count - 1))],
            Depth = random.Chance(0.3) ? 1 + random.Next(5) : 1,
            StartsAt = TimeSpan.FromMilliseconds(random.Next(run.MaxStartMilliseconds)),
            Pauses = random.Chance(0.5) ? 0.3 : 0,
            MaxPause = TimeSpan.FromMilliseconds(random.Chance(0.2) ? 1_500 : 50),
            ReadsSlowly = random.Chance(0.2),
            IsImpatient = random.Chance(0.3),
            Farewell = (Farewell)random.Next(3),
            Fault = hasFault ? (ClientFault)(1 + random.Next(4)) : ClientFault.None,
            FaultAtSent = hasFault && isAtSent ? random.Next(count * 600) : int.MaxValue,
            FaultAtReceived = hasFault && !isAtSent ? random.Next(count * 1_500) : int.MaxValue,
        };
    }
}
