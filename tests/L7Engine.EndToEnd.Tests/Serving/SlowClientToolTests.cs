using System.Net;
using System.Text;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>A thousand slow clients of slowhttptest: each is closed with its reason, and meanwhile nobody else is.
/// </summary>
[TestFixture]
internal sealed class SlowClientToolTests
{
    private const int Slow = 1_000;
    private const int Polite = 4;
    private const int LeastEach = 25;

    // More than both kernels hold of a response that is not read.
    private static readonly byte[] Large = Encoding.Latin1.GetBytes(
        string.Create(null, $"HTTP/1.1 200 OK\r\nContent-Length: {512 * 1_024}\r\n\r\n{new string('x', 512 * 1_024)}"));

    private static readonly byte[] Small = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"u8.ToArray();

    private ScriptedBackend _backend = null!;

    [SetUp]
    public void Serve() => _backend = new ScriptedBackend(async stream =>
    {
        while (await stream.ReadHeadAsync() is { } head)
        {
            await stream.ReadBodyAsync(head, isRequest: true);
            await stream.SendAsync(head.StartLine.Contains("/large", StringComparison.Ordinal) ? Large : Small);
        }
    });

    [TearDown]
    public async Task Stop() => await _backend.DisposeAsync();

    [Test]
    public Task Slow_heads() => AssertClosedAsync(
        new SlowClientOptions { RequestHead = TimeSpan.FromSeconds(3) }, CloseReason.HeadTimeout, "/", "-H", "-i", "1");

    [Test]
    public Task Slow_bodies() => AssertClosedAsync(
        new SlowClientOptions { MinimumRateGrace = TimeSpan.FromSeconds(3) }, CloseReason.MinimumRate,
        "/", "-B", "-i", "1", "-s", "8192", "-x", "10");

    [Test]
    public Task Bodies_that_stop() => AssertClosedAsync(
        new SlowClientOptions { RequestBodyGap = TimeSpan.FromSeconds(3) }, CloseReason.BodyTimeout,
        "/", "-B", "-i", "60", "-s", "8192");

    [Test]
    public Task Slow_readers() => AssertClosedAsync(
        new SlowClientOptions { MinimumRateGrace = TimeSpan.FromSeconds(3), MaxUnsentBytes = 16 * 1_024 },
        CloseReason.MinimumRate, "/large", "-X", "-n", "1", "-z", "5", "-w", "10", "-y", "20");

    private async Task AssertClosedAsync(
        SlowClientOptions slowClients, CloseReason reason, string path, params string[] mode)
    {
        string tool = Tool.Require("slowhttptest");
        await using LoadBalancer balancer = await StartAsync(slowClients);
        IPEndPoint address = balancer.LocalEndPoints[0];
        using var done = new CancellationTokenSource();
        int[] answered = new int[Polite];
        Task[] polite =
            [.. Enumerable.Range(0, Polite).Select(i => AskAsync(address, i % 2 == 0, answered, i, done.Token))];
        string url = string.Create(null, $"http://{address}{path}");
        await using var slow = ChildProcess.Start(
            tool, [.. mode, "-c", $"{Slow}", "-r", "1000", "-l", "120", "-u", url]);

        bool areClosed = await Task.Run(() => Patience.Until(() => ClosesFor(reason, balancer) >= Slow));
        bool AreServed() => Array.TrueForAll(answered, count => count >= LeastEach);
        await Task.Run(() => Patience.Until(() => AreServed() || Array.Exists(polite, client => client.IsFaulted)));
        await done.CancelAsync();
        await Patience.ForAsync(Task.WhenAll(polite), "the end of the polite clients");

        string closes = string.Join(", ", balancer.GetStatus().ClientCloses.Where(c => c.Count > 0));
        await TestContext.Out.WriteLineAsync($"{answered.Sum()} polite requests; {closes}");
        Assert.That(areClosed, $"{closes}\n{slow.Output}\n{slow.Errors}");
        Assert.That(AreServed(), string.Join(", ", answered));
        Assert.That(ClosesFor(reason, balancer), Is.EqualTo(Slow), "none of the others");
    }

    private async Task<LoadBalancer> StartAsync(SlowClientOptions slowClients)
    {
        LoadBalancerOptions options = Engines.Options(_backend.Address);
        var balancer = new LoadBalancer(
            options with { Listeners = [options.Listeners[0] with { SlowClients = slowClients }] });
        await balancer.StartAsync();
        return balancer;
    }

    // Every request is answered as it should be, or this throws.
    private static async Task AskAsync(
        IPEndPoint address, bool keepsConnection, int[] answered, int number, CancellationToken done)
    {
        WireStream? client = null;
        while (!done.IsCancellationRequested)
        {
            client ??= await WireStream.ConnectAsync(address);
            await client.SendAsync("POST / HTTP/1.1\r\nHost: polite\r\nContent-Length: 5\r\n\r\nhello");
            WireHead? head = await client.ReadHeadAsync();
            byte[] body = await client.ReadBodyAsync(head!);
            Assert.That((head!.Status, Encoding.Latin1.GetString(body)), Is.EqualTo((200, "hi")));
            Interlocked.Increment(ref answered[number]);
            if (!keepsConnection || head["Connection"] == "close")
            {
                client.Dispose();
                client = null;
            }

            // So that they are guests among the others, and no load.
            await Task.Delay(10, CancellationToken.None);
        }

        client?.Dispose();
    }

    private static long ClosesFor(CloseReason reason, LoadBalancer balancer) =>
        balancer.GetStatus().ClientCloses.FirstOrDefault(c => c.Reason == reason).Count;
}
