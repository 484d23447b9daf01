using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>When the next request comes after a response, and when the client has closed before it.</summary>
/// <param name="ClosesAfter">No shorter than the gap when it does not close.</param>
internal readonly record struct NextRequest(TimeSpan After, TimeSpan ClosesAfter)
{
    public bool Closes => ClosesAfter < After;
}

/// <summary>A kind of clients: how long they are quiet, and whether they keep their connections meanwhile.</summary>
internal sealed record GapTraffic(string Name, Func<SimRandom, NextRequest> Draw)
{
    private static readonly GapTraffic[] Kinds =
    [
        new("exponential", random => Stays(Exponential(random, 20))),
        new("bimodal", random => Stays(random.Chance(0.8) ? Exponential(random, 1) : 30 + (60 * Unit(random)))),
        new("heavy tail", random => Stays(Math.Min(3 * (Math.Pow(1 - Unit(random), -1 / 1.1) - 1), 1_000))),
        new("own timeout", random => new NextRequest(Seconds(Exponential(random, 30)), Seconds(5 + (40 * Unit(random))))),
        new("one request", random => random.Chance(0.6)
            ? new NextRequest(Seconds(1 + Exponential(random, 20)), TimeSpan.Zero)
            : Stays(Exponential(random, 20))),
    ];

    public static IReadOnlyList<GapTraffic> All => [.. Kinds, new("all of them", DrawAny)];

    public override string ToString() => Name;

    private static NextRequest DrawAny(SimRandom random) => Kinds[random.Next(Kinds.Length)].Draw(random);

    private static NextRequest Stays(double seconds) => new(Seconds(seconds), TimeSpan.MaxValue);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static double Exponential(SimRandom random, double mean) => -mean * Math.Log(1 - Unit(random));

    private static double Unit(SimRandom random) => random.Next(1L << 53) / (double)(1L << 53);
}
