using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Load.Traffic;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Load;

/// <summary>The load generator against servers whose doings are known.</summary>
[TestFixture]
internal sealed class LoadRunTests
{
    // Only a machine that is far too busy needs so many.
    private const int MaxAttempts = 8;

    private static readonly RequestKind Hundred = new() { Path = NginxProcess.Hundred, ExpectedBytes = 100 };

    [Test]
    public async Task Connections_that_are_kept_are_opened_once()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();

        LoadResult result = await LoadRun.RunAsync(PlanOf(nginx.Address) with { WarmUp = TimeSpan.Zero });

        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.Completed, Is.AtLeast(10 * 16), "many for each");
        Assert.That(result.ConnectionsOpened, Is.EqualTo(16));
    }

    [Test]
    public async Task Connections_of_one_request_each_are_as_many_as_the_requests()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();

        LoadResult result = await LoadRun.RunAsync(PlanOf(nginx.Address) with { RequestsPerConnection = 1 });

        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.Completed, Is.AtLeast(3 * 16), "several for each");
        Assert.That(result.ConnectionsOpened, Is.EqualTo(result.Completed).Within(16));
    }

    [Test]
    public async Task A_run_that_is_stopped_gives_what_was_counted_until_then()
    {
        using var stop = new CancellationTokenSource();
        int asked = 0;
        await using ScriptedBackend backend = ScriptedBackend.Answering((_, _) =>
        {
            if (Interlocked.Increment(ref asked) == 500)
            {
                stop.Cancel();
            }

            return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        });
        LoadPlan plan = PlanOf(backend.Address) with
        {
            Mix = [new RequestKind { ExpectedBytes = 2 }],
            WarmUp = TimeSpan.Zero,
            Duration = TimeSpan.FromHours(1),
        };

        LoadResult result = await Patience.ForAsync(LoadRun.RunAsync(plan, stop.Token), "the end of a run");

        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.Completed, Is.AtLeast(500 - plan.Connections));
        Assert.That(result.Duration, Is.LessThan(plan.Duration));
        Assert.That(result.RequestsPerSecond, Is.EqualTo(result.Completed / result.Duration.TotalSeconds));
    }

    [Test]
    public async Task A_run_that_is_stopped_before_it_counts_gives_nothing()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("ok");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        LoadResult result = await LoadRun.RunAsync(PlanOf(backend.Address), stop.Token);

        Assert.That((result.Completed, result.RequestsPerSecond, result.Duration), Is.EqualTo((0L, 0.0, TimeSpan.Zero)));
        Assert.That(result.Failures, Is.Empty);
    }

    [Test]
    public void A_plan_that_cannot_be_carried_out_is_refused_before_anything_is_sent()
    {
        LoadPlan plan = PlanOf(new IPEndPoint(IPAddress.Loopback, 9)) with { Connections = 0 };

        Assert.That(() => LoadRun.RunAsync(plan), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task A_status_that_was_not_expected_is_told()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();

        LoadResult result = await LoadRun.RunAsync(
            PlanOf(nginx.Address) with { Mix = [new RequestKind { Path = "/no/such/file" }] });

        Assert.That(result.WrongStatus, Is.EqualTo(404));
        Assert.That(result.Failures.Keys, Is.EqualTo([LoadFailure.WrongStatus]));
    }

    [Test]
    public async Task An_open_loop_sends_at_its_rate()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();

        // What stands still for a moment at its begin or its end sends more or fewer in its second.
        LoadResult result;
        int attempt = 0;
        do
        {
            result = await LoadRun.RunAsync(PlanOf(nginx.Address) with { RatePerSecond = 500 });
        }
        while (result.Completed is < 400 or > 510 && ++attempt < MaxAttempts);

        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.Completed, Is.InRange(400, 510));
    }

    // A closed loop would send nothing while the server stalls, and so would not see that others had to wait, too.
    [Test]
    public async Task An_open_loop_shows_the_wait_of_every_request_that_came_during_a_stall()
    {
        var stall = TimeSpan.FromMilliseconds(400);
        var stalled = new TaskCompletionSource();
        int asked = 0;
        await using var backend = new ScriptedBackend(async stream =>
        {
            while (await stream.ReadHeadAsync() is not null)
            {
                if (Interlocked.Increment(ref asked) == 200)
                {
                    Thread.Sleep(stall);
                    stalled.SetResult();
                }

                await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        LoadPlan plan = PlanOf(backend.Address) with
        {
            Connections = 1,
            RatePerSecond = 500,
            Mix = [new RequestKind { ExpectedBytes = 2 }],
            WarmUp = TimeSpan.Zero,
            Duration = TimeSpan.FromSeconds(2),
        };

        LoadResult result = await LoadRun.RunAsync(plan);

        // 200 of 1,000 requests should have been sent during the stall: the k-th of them waits for what is left of it.
        Assert.That(stalled.Task.IsCompleted);
        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.MaxLatency, Is.AtLeast(stall));
        Assert.That(result.LatencyAt(99), Is.AtLeast(stall * 0.9));
        Assert.That(result.LatencyAt(90), Is.AtLeast(stall * 0.4));
    }

    // A tenth of the requests should be sent during a stall and waits for what is left of it, from 100 ms down to 0: of
    // all requests the longest 1 in 100 waits for 90 ms and more. A closed loop asks once in each stall.
    [Test]
    public async Task A_stall_in_each_second_shows_in_the_percentiles_of_an_open_loop_and_is_hidden_by_a_closed_one()
    {
        await using ScriptedBackend backend = StallingEachSecond(TimeSpan.FromMilliseconds(100));
        LoadPlan closed = PlanOf(backend.Address) with
        {
            Connections = 1,
            Mix = [new RequestKind { ExpectedBytes = 2 }],
            Duration = TimeSpan.FromSeconds(4),
        };

        // A machine that lets both of them wait all the time has stalls of its own, which a closed loop shows, too.
        LoadResult hiding, showing;
        int attempt = 0;
        do
        {
            hiding = await LoadRun.RunAsync(closed);
            showing = await LoadRun.RunAsync(closed with { RatePerSecond = 500 });
        }
        while (hiding.LatencyAt(99) >= showing.LatencyAt(99) / 2 && ++attempt < MaxAttempts);

        await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
            $"open {Percentiles(showing)}, closed {Percentiles(hiding)}"));
        Assert.That(hiding.Failures.Concat(showing.Failures), Is.Empty);
        Assert.That(showing.LatencyAt(99).TotalMilliseconds, Is.AtLeast(85));
        Assert.That(showing.LatencyAt(95).TotalMilliseconds, Is.AtLeast(40));
        Assert.That(hiding.MaxLatency.TotalMilliseconds, Is.AtLeast(95));
        Assert.That(hiding.LatencyAt(99), Is.LessThan(showing.LatencyAt(99) / 2));
    }

    [TestCase("HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\nok", LoadFailure.WrongStatus)]
    [TestCase("HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nok!", LoadFailure.WrongLength)]
    [TestCase("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nok?", LoadFailure.Malformed)]
    [TestCase("HTTP/1.1 200 X\r\nContent Length: 2\r\n\r\nok", LoadFailure.Malformed)]
    [TestCase("HTTP/1.1 200 X\r\nContent-Length: 2\r\nX-Request-Id: ff000000000000ff\r\n\r\nok", LoadFailure.WrongId)]
    public async Task A_response_that_is_not_right_is_a_failure_of_its_kind(string response, LoadFailure failure)
    {
        await using var backend = ScriptedBackend.Answering((_, _) => response);
        LoadPlan plan = PlanOf(backend.Address) with
        {
            Duration = TimeSpan.FromMilliseconds(300),
            Mix = [new RequestKind { ExpectedBytes = 2, EchoesId = failure == LoadFailure.WrongId }],
        };

        LoadResult result = await LoadRun.RunAsync(plan);

        Assert.That(result.Failures.Keys, Is.EqualTo([failure]));
        Assert.That(result.Completed, Is.Zero);
    }

    [Test]
    public async Task The_number_of_each_request_comes_back()
    {
        await using var backend = ScriptedBackend.Answering((head, _) => string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 X\r\nX-Request-Id: {head["X-Request-Id"]}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"));
        LoadPlan plan = PlanOf(backend.Address) with
        {
            Duration = TimeSpan.FromMilliseconds(300),
            Threads = 2,
            Mix =
            [
                new RequestKind { ExpectedBytes = 2, EchoesId = true },
                new RequestKind { ExpectedBytes = 2, EchoesId = true, Method = "POST", BodyBytes = 100_000, Weight = 2 },
            ],
        };

        LoadResult result = await LoadRun.RunAsync(plan);

        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.Completed, Is.Positive);
    }

    [Test]
    public async Task Nobody_who_listens_is_a_failure_to_connect()
    {
        var nobody = new IPEndPoint(IPAddress.Parse("127.0.0.1"), 1);

        LoadResult result = await LoadRun.RunAsync(PlanOf(nobody) with { Duration = TimeSpan.FromMilliseconds(200) });

        Assert.That(result.Failures.Keys, Is.EqualTo([LoadFailure.Connect]));
    }

    [Test]
    public async Task Clients_come_from_the_addresses_that_are_given()
    {
        var seen = new ConcurrentDictionary<string, bool>();
        await using var backend = new ScriptedBackend(async stream =>
        {
            seen[((IPEndPoint)stream.Socket.RemoteEndPoint!).Address.ToString()] = true;
            while (await stream.ReadHeadAsync() is not null)
            {
                await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        IPAddress[] sources = [.. Enumerable.Range(1, 5).Select(i => new IPAddress(new byte[] { 127, 0, 7, (byte)i }))];

        LoadResult result = await LoadRun.RunAsync(
            PlanOf(backend.Address) with { Sources = sources, Mix = [new RequestKind()] });

        Assert.That(result.Failures, Is.Empty);
        Assert.That(seen.Keys, Is.EquivalentTo(sources.Select(s => s.ToString())));
    }

    private static ScriptedBackend StallingEachSecond(TimeSpan stall)
    {
        var clock = Stopwatch.StartNew();
        int stalls = 0;
        return new ScriptedBackend(async stream =>
        {
            while (await stream.ReadHeadAsync() is not null)
            {
                if (clock.Elapsed.TotalSeconds >= stalls + 1)
                {
                    stalls = (int)clock.Elapsed.TotalSeconds;
                    Thread.Sleep(stall);
                }

                await stream.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
    }

    private static string Percentiles(LoadResult result) => FormattableString.Invariant(
        $"p50 {result.LatencyAt(50).TotalMilliseconds:F2} p90 {result.LatencyAt(90).TotalMilliseconds:F2} ")
        + FormattableString.Invariant(
        $"p95 {result.LatencyAt(95).TotalMilliseconds:F2} p99 {result.LatencyAt(99).TotalMilliseconds:F2} ms");

    private static LoadPlan PlanOf(IPEndPoint target) => new()
    {
        Target = target,
        Connections = 16,
        Mix = [Hundred],
    };
}
