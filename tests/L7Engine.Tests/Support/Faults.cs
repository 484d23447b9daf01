namespace L7Engine.Tests.Support;

/// <summary>What goes wrong by the seed. Every chance is that of one receive, one send or one delivery.</summary>
internal sealed record Faults
{
    public static readonly Faults None = new();

    /// <summary>Cuts everything anywhere; loses nothing.</summary>
    public static readonly Faults Splits = new() { ShortReceive = 0.5, ShortSend = 0.5, ShortDelivery = 0.5 };

    /// <summary>Cuts and halts; loses nothing.</summary>
    public static readonly Faults Rough = Splits with { Stall = 0.02, MaxStall = TimeSpan.FromSeconds(2) };

    /// <summary>Loses connections, too.</summary>
    public static readonly Faults Hostile = Rough with { Reset = 0.01 };

    /// <summary>Takes 1 to n of the n bytes that are there; the rest makes an event of its own.</summary>
    public double ShortReceive { get; init; }

    public double ShortSend { get; init; }

    public double ShortDelivery { get; init; }

    /// <summary>A direction delivers nothing for up to <see cref="MaxStall"/>.</summary>
    public double Stall { get; init; }

    public TimeSpan MaxStall { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Something in between resets the connection for both sides.</summary>
    public double Reset { get; init; }
}
