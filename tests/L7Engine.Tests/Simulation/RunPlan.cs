using System.Net;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What kind of world one run is: decided by its seed alone.</summary>
internal sealed record RunPlan
{
    private static readonly Faults Breaks = Faults.Rough with { Reset = 0.0007 };

    public required int Seed { get; init; }

    public required int Loops { get; init; }

    public required int Backends { get; init; }

    public required int Clients { get; init; }

    public int MaxExchangesPerClient { get; init; } = 12;

    public int MaxStartMilliseconds { get; init; }

    public int MaxBodyBytes { get; init; }

    /// <summary>The network loses connections.</summary>
    public bool HasResets { get; init; }

    public bool HasBackendFaults { get; init; }

    public bool HasClientFaults { get; init; }

    /// <summary>Backends close connections that are idle: a request may be on its way to them.</summary>
    public bool HasIdleCloses { get; init; }

    /// <summary>Some of them say 408 first, as Apache and nginx do, to whoever may have sent a request by then.</summary>
    public bool HasIdleAnswers { get; init; }

    /// <summary>The first backend refuses from some moment on, the only one never.</summary>
    public bool HasRefusals { get; init; }

    /// <summary>The engine is drained while clients are at work.</summary>
    public bool DrainsEarly { get; init; }

    /// <summary>The network cuts nothing: what is sent in one piece arrives in one.</summary>
    public bool IsSmooth { get; init; }

    public int MaxRequests { get; init; }

    /// <summary>Of all clients together: they come from one address. 0 for none.</summary>
    public int PersistentCap { get; init; }

    /// <summary>Requests that each backend may have at a time; more wait. 0 for any number.</summary>
    public int Places { get; init; }

    public bool KeepsRequestTrailers { get; init; }

    public bool PoolsConnections { get; init; }

    public int MaxIdle { get; init; }

    public bool HasVia { get; init; }

    public int MaxBufferBytes { get; init; }

    /// <summary>Nothing in it excuses anything but a right and whole response.</summary>
    public bool IsFair => !HasResets && !HasBackendFaults && !HasClientFaults && !HasIdleCloses && !DrainsEarly;

    public override string ToString()
    {
        (string Name, bool IsSo)[] facts =
        [
            ("fair", IsFair), ("resets", HasResets), ("backend faults", HasBackendFaults), ("client faults", HasClientFaults),
            ("idle closes", HasIdleCloses), ("idle answers", HasIdleAnswers), ("refusals", HasRefusals), ("drains", DrainsEarly),
            ("smooth", IsSmooth), ("pools", PoolsConnections), ("capped", PersistentCap > 0), ("few places", Places > 0),
        ];
        return $"seed {Seed}: {Clients} clients, {Loops} loops, {Backends} backends, {MaxRequests} requests a connection, " +
            string.Join(", ", facts.Where(f => f.IsSo).Select(f => f.Name));
    }

    public static RunPlan Of(int seed)
    {
        var random = new SimRandom(seed * 7919);
        bool isFair = seed % 3 == 0;
        bool isSmooth = random.Chance(0.3);
        return new RunPlan
        {
            Seed = seed,
            Loops = 1 + random.Next(3),
            Backends = 1 + random.Next(3),
            Clients = 8 + random.Next(16),
            MaxStartMilliseconds = random.Chance(0.5) ? 100 : 10_000,
            MaxBodyBytes = random.Chance(0.2) ? 200_000 : 20_000,
            HasResets = !isFair && !isSmooth && random.Chance(0.3),
            HasBackendFaults = !isFair && random.Chance(0.5),
            HasClientFaults = !isFair && random.Chance(0.5),
            HasIdleCloses = !isFair && random.Chance(0.5),
            HasIdleAnswers = random.Chance(0.2),
            HasRefusals = random.Chance(0.3),
            DrainsEarly = !isFair && random.Chance(0.1),
            IsSmooth = isSmooth,
            MaxRequests = random.Chance(0.3) ? 1 + random.Next(6) : 0,
            KeepsRequestTrailers = random.Chance(0.5),
            PoolsConnections = random.Chance(0.9),
            MaxIdle = random.Chance(0.3) ? 1 + random.Next(2) : 64,
            HasVia = random.Chance(0.8),
            MaxBufferBytes = random.Chance(0.3) ? 1024 * 1024 : 64 * 1024 * 1024,
            PersistentCap = random.Chance(0.2) ? 1 + random.Next(8) : 0,
            Places = random.Chance(0.3) ? 1 + random.Next(4) : 0,
        };
    }

    /// <summary>For the next connections.</summary>
    public LinkSettings LinkOf(SimRandom random) => new()
    {
        Latency = TimeSpan.FromMilliseconds(random.Chance(0.5) ? 0 : random.Next(20)),
        MaxJitter = TimeSpan.FromMilliseconds(random.Chance(0.5) ? 0 : random.Next(5)),
        SendBufferBytes = BufferOf(random),
        ReceiveBufferBytes = BufferOf(random),
        Faults = IsSmooth ? Faults.None : random.Next(4) switch
        {
            0 => Faults.None,
            1 => Faults.Splits,
            2 => Faults.Rough,
            _ => HasResets ? Breaks : Faults.Rough,
        },
    };

    public LoadBalancerOptions Options(IEnumerable<IPEndPoint> backends) => new()
    {
        Loops = Loops,
        Listeners =
        [
            new ListenerOptions
            {
                Address = new IPEndPoint(IPAddress.Loopback, 0),
                KeepAlive = new KeepAliveOptions { MaxRequests = MaxRequests },
                ClientCaps = new ClientCapsOptions { Persistent = PersistentCap },
                SlowClients = new SlowClientOptions { MinimumRateGrace = TimeSpan.FromMinutes(5) },
                Via = HasVia ? "sim" : null,
            },
        ],
        Routes = [new RouteOptions { Path = "/r", RequestTrailers = KeepsRequestTrailers }],
        Groups =
        [
            new BackendGroupOptions
            {
                Backends = [.. backends.Select(b => new BackendOptions { Address = b, MaxConnections = Places })],
                Queue = new QueueOptions { Timeout = TimeSpan.FromMinutes(50) },
                Pool = new PoolOptions { Enabled = PoolsConnections, MaxIdle = MaxIdle },
            },
        ],
        Limits = new Limits { MaxBufferBytes = MaxBufferBytes },
        Timeouts = Patient,
    };

    // Long enough for the slowest of the networks: what a timeout ends has been halted by the script.
    private static Timeouts Patient => new()
    {
        RequestHead = TimeSpan.FromMinutes(5),
        Linger = TimeSpan.FromMinutes(1),
        LingerTotal = TimeSpan.FromMinutes(10),
        EarlyAnswerDrain = TimeSpan.FromMinutes(1),
        BackendConnect = TimeSpan.FromMinutes(1),
        BackendResponse = TimeSpan.FromMinutes(3),
        TunnelIdle = TimeSpan.FromMinutes(5),
        Drain = TimeSpan.FromMinutes(20),
    };

    private int BufferOf(SimRandom random) => IsSmooth || random.Chance(0.5) ? 16 * 1024
        : random.Chance(0.5) ? 1_000 + random.Next(4_000) : 64 + random.Next(300);
}
