using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>How a backend of <see cref="StaleRace"/> ends its idle connections.</summary>
internal enum IdleEnding
{
    Closes,
    Resets,
    Announces,
    ChangesHalfway,
}

/// <summary>
/// Clients, an engine and a backend that closes idle connections while they ask: all of it drawn from one seed.
/// </summary>
internal sealed class StaleRace
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private readonly SimRandom _random;
    private readonly EngineBed _bed;
    private readonly IdleLimitBackend _backend;
    private readonly StaleRaceClient[] _clients;
    private readonly TimeSpan _laterLimit;
    private readonly long _began;

    public StaleRace(int seed, IdleEnding ending, PoolOptions pool)
    {
        _random = new SimRandom(seed ^ 0x57A1E);
        _bed = new EngineBed(
            seed, loops: 1 + _random.Next(2), configure: o => o with { Groups = [o.Groups[0] with { Pool = pool }] });
        bool isWhole = ending == IdleEnding.Announces;
        TimeSpan first = DrawLimit(isWhole);
        _laterLimit = ending == IdleEnding.ChangesHalfway ? DrawLimit(isWhole) : first;
        _backend = new IdleLimitBackend(_bed.Network, _bed.Backend)
        {
            Limit = first,
            Resets = ending == IdleEnding.Resets,
            Announces = ending == IdleEnding.Announces,
        };

        // A round trip is twice that: up to 100 ms.
        TimeSpan jitter = TimeSpan.FromMilliseconds(_random.Next(10));
        TimeSpan latency = TimeSpan.FromMilliseconds(_random.Next(41));
        _bed.Network.Link = new LinkSettings { Latency = latency, MaxJitter = jitter };
        Plan = $"{ending} at {first.TotalSeconds:0.000}, later {_laterLimit.TotalSeconds:0.000}; latency {latency} + {jitter}";
        _began = Scheduler.Now;
        _clients = [.. Enumerable.Range(0, 1 + _random.Next(4)).Select(i => new StaleRaceClient(this, i))];
    }

    public string Plan { get; }

    public SimScheduler Scheduler => _bed.Network.Scheduler;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Scheduler.Now - _began);

    public bool IsOver { get; private set; }

    public int Served => _clients.Sum(c => c.Served);

    public BackendStatus Status => _bed.Status.Backends[0];

    /// <summary>What went wrong; empty when nothing did.</summary>
    public IReadOnlyList<string> Failures =>
    [
        .. _clients.Where(c => c.Failure is not null).Select(c => c.Failure!),
        .. _clients.Where(c => c.Failure is null && c.Served < c.Asked).Select(c => $"{c.Asked - c.Served} unanswered"),
        .. _backend.Executed.Where(e => e.Value > 1).Select(e => $"POST {e.Key} was executed {e.Value} times"),
    ];

    public void Play()
    {
        _bed.Network.RunFor(Duration / 2);
        _backend.Limit = _laterLimit;
        _bed.Network.RunFor(Duration / 2);
        IsOver = true;
        _bed.Network.RunFor(TimeSpan.FromSeconds(10));
        _bed.Stop();
    }

    public SimPeer Connect() => _bed.Connect();

    public string DrawMethod() => _random.Chance(0.5) ? "GET" : "POST";

    /// <summary>Mostly within a round trip or two of the backend's limit; also around our own.</summary>
    public TimeSpan DrawGap()
    {
        double limit = _backend.Limit.TotalMilliseconds;
        double middle = _random.Next(6) switch
        {
            0 => 500,
            1 => limit * 0.8,
            2 => Math.Max(0, limit - 1_000),
            _ => limit,
        };
        return TimeSpan.FromTicks((long)(Math.Max(0, middle - 150 + _random.Next(300)) * TimeSpan.TicksPerMillisecond)
            + _random.Next(TimeSpan.TicksPerMillisecond));
    }

    private TimeSpan DrawLimit(bool isWhole) => isWhole
        ? TimeSpan.FromSeconds(1 + _random.Next(7))
        : TimeSpan.FromMilliseconds(1_000 + _random.Next(6_000));
}
