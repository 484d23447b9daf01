using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>
/// Clients whose requests come just when the backend closes what was idle: none is lost, no POST is executed twice.
/// </summary>
/// <remarks>
/// A part of it by default. L7_STALE=full is 10,000 requests on 1,000 connections against each backend, two at a time.
/// </remarks>
[TestFixture]
[Parallelizable(ParallelScope.Children)]
internal sealed class StaleRaceTests
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("L7_STALE") == "full";
    private static readonly int Clients = IsFull ? 1_000 : 100;
    private static readonly int Rounds = IsFull ? 10 : 6;
    private static readonly SemaphoreSlim AtATime = new(IsFull ? 2 : 4);

    private const double Limit = 5;

    // Each client asks up to so much early or late, and the backend takes its time: gaps of 4.9 to 5.1 s.
    private const double Early = 0.05;

    [TestCase(false, false, 5.0)]
    [TestCase(true, false, 5.0)]
    [TestCase(false, true, 5.0)]
    [TestCase(false, false, 3.0)]
    public async Task No_request_is_lost_at_the_idle_limit_of_the_backend(bool resets, bool announces, double later)
    {
        await AtATime.WaitAsync();
        try
        {
            await using var backend = new IdleLimitBackend(TimeSpan.FromSeconds(Limit), resets, announces);
            await using var balancer = new LoadBalancer(Engines.Options(backend.Address));
            await balancer.StartAsync();
            await PlayAsync(backend, balancer, later);
        }
        finally
        {
            AtATime.Release();
        }
    }

    private static async Task PlayAsync(IdleLimitBackend backend, LoadBalancer balancer, double later)
    {
        var clock = Stopwatch.StartNew();
        var failures = new ConcurrentQueue<string>();
        DateTimeOffset changed = DateTimeOffset.MaxValue;
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(number =>
            AskAsync(number, balancer.LocalEndPoints[0], clock, failures, TimesOf(later), round =>
            {
                backend.Limit = TimeSpan.FromSeconds(LimitIn(round, later));
                changed = round == Rounds / 2 ? DateTimeOffset.UtcNow : changed;
            }))];
        await Task.WhenAll(clients);

        BackendStatus status = balancer.GetStatus().Backends[0];
        int posts = backend.Executed.Count;
        TestContext.Out.WriteLine(
            $"{Clients * Rounds} requests on {Clients} connections, {posts} POST; {failures.Count} failed, " +
            $"{backend.Executed.Values.Count(count => count > 1)} POST executed twice; {status.StaleReuses} met a close, " +
            $"{status.ReusesRefused} reuses refused, {status.IdleConnectionsClosedFirst} closed first, " +
            $"{status.ConnectionsOpened} opened, learned {status.LearnedIdleTimeout}, {clock.Elapsed.TotalSeconds:0} s");
        Assert.That(failures, Is.Empty);
        Assert.That(backend.Executed.Values, Is.All.EqualTo(1));
        Assert.That(posts, Is.GreaterThan(Clients * Rounds / 3));
        AssertLearned(status.LearnedIdleTimeout?.TotalSeconds, later, AgesOf(await balancer.GetClosedAsync(4_096), changed));
    }

    /// <summary>How long the backend let wait, in seconds, what it closed of those that became idle since then.</summary>
    private static double[] AgesOf(IReadOnlyList<CloseRecord> closes, DateTimeOffset since) =>
    [
        .. closes.Where(c => c.Reason == CloseReason.BackendClosedIdle && c.ClosedAt - c.IdleTime >= since)
            .Select(c => c.IdleTime.TotalSeconds),
    ];

    // A busy machine closes late, and the engine sees it later: it learns what it sees. Closes of very different ages
    // may be those of a restart, and then it believes what it knew before.
    private static void AssertLearned(double? learned, double later, double[] ages)
    {
        (double least, double most) = (ages.Append(later).Min(), ages.Append(later).Max());
        if (most > 1.2 * least)
        {
            TestContext.Out.WriteLine(FormattableString.Invariant($"closed at ages from {least} to {most} s"));
            (learned, most) = (learned ?? later, Math.Max(most, Limit));
        }

        Assert.That(learned, Is.InRange(least - 0.5, most + 0.5));
    }

    /// <summary>The limit for what becomes idle in this round.</summary>
    private static double LimitIn(int round, double later) => round < Rounds / 2 ? Limit : later;

    /// <summary>When each round begins, in seconds: just when the backend closes what the one before has left.</summary>
    private static double[] TimesOf(double later)
    {
        double[] times = new double[Rounds];
        for (int round = 1; round < Rounds; round++)
        {
            times[round] = times[round - 1] + IdleLimitBackend.Work.TotalSeconds + LimitIn(round - 1, later);
        }

        return times;
    }

    private static async Task AskAsync(
        int number, IPEndPoint address, Stopwatch clock, ConcurrentQueue<string> failures,
        double[] times, Action<int> onRound)
    {
        var random = new Random(number);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        byte[] room = new byte[2_048];
        for (int round = 0; round < Rounds; round++)
        {
            var at = TimeSpan.FromSeconds(2 + times[round] + (((2 * random.NextDouble()) - 1) * Early));
            await Task.Delay(at > clock.Elapsed ? at - clock.Elapsed : TimeSpan.Zero);
            onRound(round);
            string target = $"/{number}-{round}";
            string method = random.Next(2) == 0 ? "GET" : "POST";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
            string response = await ReceiveAsync(socket, room, target);
            if (!response.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) || !response.EndsWith(target, StringComparison.Ordinal))
            {
                failures.Enqueue($"{method} {target}: {response}");
                return;
            }
        }
    }

    private static async Task<string> ReceiveAsync(Socket socket, byte[] room, string end)
    {
        int count = 0;
        while (true)
        {
            int received = await Patience.ForAsync(socket.ReceiveAsync(room.AsMemory(count)).AsTask(), "a response");
            count += received;
            string text = Encoding.ASCII.GetString(room, 0, count);
            bool isOver = received == 0 || count == room.Length
                || text.EndsWith($"\r\n\r\n{end}", StringComparison.Ordinal)
                || (text.Contains("\r\n\r\n", StringComparison.Ordinal)
                    && !text.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
            if (isOver)
            {
                return text;
            }
        }
    }
}
