using System.Net;
using CsCheck;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Closes;

/// <summary>Whatever clients and backends do, and in whatever order: the books of closes balance.</summary>
[TestFixture]
internal sealed class RandomLivesTests
{
    private const int Lives = 120;

    private static readonly CloseReason[] Timed =
    [
        CloseReason.IdleTimeout, CloseReason.HeadTimeout, CloseReason.BodyTimeout, CloseReason.SendTimeout,
        CloseReason.PoolIdleTimeout, CloseReason.TunnelIdle, CloseReason.RequestLimit, CloseReason.MaxAge,
        CloseReason.PersistentCap, CloseReason.ConnectionCap, CloseReason.FairEviction, CloseReason.MinimumRate,
        CloseReason.BackendConnectTimeout, CloseReason.BackendResponseTimeout, CloseReason.BackendBodyTimeout,
        CloseReason.PoolFull, CloseReason.PoolMaxAge, CloseReason.PoolOff, CloseReason.PoolTrimmed,
    ];

    private static readonly string[] Requests =
    [
        Msg.Get(), Msg.Get(fields: "Connection: close\r\n"), "GET / HTTP/1.0\r\n\r\n", Msg.Post("body"), "GET / HT",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", "nonsense\r\n\r\n", Msg.Get() + Msg.Get(),
        Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n"), "x",
    ];

    private static readonly string[] Responses =
    [
        Msg.Ok("done"), Msg.Ok(fields: "Connection: close\r\n"), "HTTP/1.1 200 OK\r\n\r\nuntil", "nonsense\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Msg.Ok("whole")[..^1],
        Msg.OkChunks() + Msg.Chunk("a"), Msg.LastChunk, "x", Msg.Ok(Msg.Text(50_000)),
    ];

    /// <summary>What may happen next.</summary>
    internal enum Act
    {
        Connect,
        Ask,
        Answer,
        Wait,
        CloseClient,
        ResetClient,
        FinishClient,
        VanishClient,
        PauseClient,
        CloseBackend,
        ResetBackend,
        Reach,
        Drain,
    }

    /// <param name="Which">Of the connections, or of the ways to do it.</param>
    internal readonly record struct Move(Act Act, int Which, int How);

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (6, Gen.Const(Act.Connect)), (8, Gen.Const(Act.Ask)), (8, Gen.Const(Act.Answer)), (5, Gen.Const(Act.Wait)),
        (2, Gen.Const(Act.CloseClient)), (1, Gen.Const(Act.ResetClient)), (1, Gen.Const(Act.FinishClient)),
        (1, Gen.Const(Act.VanishClient)), (1, Gen.Const(Act.PauseClient)), (2, Gen.Const(Act.CloseBackend)),
        (1, Gen.Const(Act.ResetBackend)), (1, Gen.Const(Act.Reach)));

    private static readonly Gen<List<Move>> Script =
        Gen.Select(Acts, Gen.Int[0, 99], Gen.Int[0, 99], (act, which, how) => new Move(act, which, how)).List[5, 60];

    [Test]
    public void What_was_accepted_is_open_or_closed_for_one_reason_that_all_who_count_agree_on([Values(1, 3)] int loops) =>
        Gen.Select(Gen.Int[1, 1_000_000], Script).Sample(
            (seed, moves) => Play(seed, loops, moves), iter: Lives, threads: 1, writeLine: TestContext.Out.WriteLine);

    private static void Play(int seed, int loops, List<Move> moves)
    {
        var bed = new EngineBed(seed, backends: 2, loops, o => Options(o, seed));
        using CloseSubscription closes = bed.Engine.SubscribeToCloses(capacity: 100_000);
        List<SimPeer> clients = [];
        foreach (Move move in moves)
        {
            Make(move, bed, clients);
            bed.Network.RunUntilIdle();
            CheckOpen(bed);
        }

        if (seed % 2 == 0)
        {
            _ = bed.DrainAsync(TimeSpan.FromSeconds(seed % 5));
            bed.Network.RunFor(TimeSpan.FromSeconds(10));
            CheckOpen(bed);
        }

        bed.Stop();
        Check(bed, closes);
    }

    private static LoadBalancerOptions Options(LoadBalancerOptions options, int seed) => options with
    {
        Listeners =
        [
            options.Listeners[0] with
            {
                KeepAlive = new KeepAliveOptions { MaxRequests = 3, IdleTimeout = Seconds(4), MaxAge = Seconds(20) },
                ClientCaps = new ClientCapsOptions { Persistent = 2, Connections = 5 },
            },
        ],
        Groups = [options.Groups[0] with { Pool = new PoolOptions { Enabled = seed % 4 > 0, MaxIdle = 2, IdleTimeout = Seconds(3) } }],
        Limits = new Limits { MaxClientConnections = 10, LedgerEntriesPerLoop = 100_000 },
        Timeouts = new Timeouts
        {
            RequestHead = Seconds(3),
            RequestBodyGap = Seconds(4),
            ResponseSendGap = Seconds(4),
            BackendConnect = Seconds(2),
            BackendResponse = Seconds(5),
            BackendBodyGap = Seconds(5),
            TunnelIdle = Seconds(6),
        },
    };

    private static void Make(Move move, EngineBed bed, List<SimPeer> clients)
    {
        SimPeer? client = clients.Count > 0 ? clients[move.Which % clients.Count] : null;
        SimServer server = bed.Backends[move.How % 2];
        SimPeer? backend = server.Peers.Count > 0 ? server.Peers[^(1 + (move.Which % Math.Min(4, server.Peers.Count)))] : null;
        switch (move.Act)
        {
            case Act.Connect:
                clients.Add(bed.Connect(new IPAddress([127, 0, 0, (byte)(1 + (move.Which % 4))])));
                clients[^1].Send(move.How % 3 > 0 ? Requests[move.Which % Requests.Length] : "");
                break;
            case Act.Ask:
                client?.Send(Requests[move.How % Requests.Length]);
                break;
            case Act.Answer:
                backend?.Send(Responses[move.How / 2 % Responses.Length]);
                break;
            case Act.Wait:
                bed.Network.RunFor(TimeSpan.FromMilliseconds(70 * move.How));
                break;
            case Act.CloseClient:
                client?.Close();
                break;
            case Act.ResetClient:
                client?.Reset();
                break;
            case Act.FinishClient:
                client?.HalfClose();
                break;
            case Act.VanishClient:
                client?.Vanish();
                break;
            case Act.PauseClient:
                client?.PauseReading();
                break;
            case Act.CloseBackend:
                backend?.Close();
                break;
            case Act.ResetBackend:
                backend?.Reset();
                break;
            default:
                bed.Network.SetOutcome(server.Address, (ConnectOutcome)(move.Which % 6));
                break;
        }
    }

    private static void CheckOpen(EngineBed bed)
    {
        LoadBalancerStatus status = bed.Status;
        IReadOnlyList<ConnectionStatus> open = bed.Connections();
        IReadOnlyList<CloseRecord> closed = bed.Closed();
        Expect(open.Count(c => c.Side == ConnectionSide.Client), status.ClientConnectionsOpen, "clients that are open");
        Expect(open.Count(c => c.Side == ConnectionSide.Backend), status.BackendConnectionsOpen, "backends that are open");
        Expect(status.ClientConnectionsOpen + status.ClientCloses.Sum(c => c.Count), status.ClientConnectionsAccepted, "clients");
        Expect(
            status.BackendConnectionsOpen + status.BackendCloses.Sum(c => c.Count),
            status.BackendConnectionsOpened + status.BackendConnectsFailed, "backends");
        string[] names = [.. open.Select(c => c.Connection), .. closed.Select(c => c.Connection)];
        Expect(names.Distinct().Count(), names.Length, "names: none is closed twice, or closed and open");
        Expect(open.Count(c => c.Deadline is null && c.TimeLeft is not null), 0, "deadlines that nobody set");
    }

    private static void Check(EngineBed bed, CloseSubscription closes)
    {
        CheckOpen(bed);
        List<CloseRecord> told = [];
        while (closes.TryRead(out CloseRecord? close))
        {
            told.Add(close);
        }

        LoadBalancerStatus status = bed.Status;
        Expect(closes.Lost, 0, "lost");
        Expect(status.ClientConnectionsOpen + status.BackendConnectionsOpen, 0, "open at the end");
        Expect(Sums(told), Sums(bed.Closed()), "what was told, and what is remembered");
        Expect(
            Sums(told),
            Text(status.ClientCloses.Select(c => $"Client {c.Reason} {c.Count}")
                .Concat(status.BackendCloses.Select(c => $"Backend {c.Reason} {c.Count}"))),
            "what was told, and what is counted");
        Expect(bed.ClientCloses(CloseReason.EngineFault) + bed.BackendCloses(CloseReason.EngineFault), 0, "bugs");
        foreach (CloseRecord close in told)
        {
            Expect(close.Setting is null && Timed.Contains(close.Reason), false, $"a setting of {close}");
            Expect(close.Age >= TimeSpan.Zero && close.IdleTime >= TimeSpan.Zero, true, $"times of {close}");
            Expect(close.ClosedFirst == CloseParty.Network && close.Errno is not (110 or 113), false, $"who closed {close}");
        }
    }

    private static string Sums(IEnumerable<CloseRecord> closes) =>
        Text(closes.GroupBy(c => (c.Side, c.Reason)).Select(g => $"{g.Key.Side} {g.Key.Reason} {g.Count()}"));

    private static string Text(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(count);

    private static void Expect<T>(T actual, T expected, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            throw new SimulationException($"{what}: {actual}, and not {expected}.");
        }
    }
}
