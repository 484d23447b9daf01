using System.Diagnostics;
using System.Globalization;
using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Scale;

/// <summary>Fifteen thousand real connections at one process.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ManyConnectionsTests
{
    private const int Connections = 15_000;

    // Each request of a window may need a backend connection, and this process holds three of their four ends.
    private const int Window = 100;
    private const int Addresses = 10;

    private static readonly TimeSpan LeastIdleTimeout = TimeSpan.FromSeconds(15);

    private readonly List<PlainSocket> _clients = [];

    [TearDown]
    public void CloseClients()
    {
        _clients.ForEach(client => client.Dispose());
        _clients.Clear();
    }

    [Test]
    public async Task All_are_served_stay_open_and_end_by_their_idle_timeout_and_not_before()
    {
        // Where the last is asked when the first has waited for too long already, they have to wait for longer.
        TimeSpan idleTimeout = LeastIdleTimeout;
        while (!await TryServeAsync(idleTimeout))
        {
            CloseClients();
            idleTimeout *= 3;
        }
    }

    /// <returns>False when it took too long to ask all; nothing was found out then.</returns>
    private async Task<bool> TryServeAsync(TimeSpan idleTimeout)
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        string config = folder.Write("config.json", ConfigOf(backend.Address, idleTimeout));
        await using HostProcess host = await HostProcess.ServeAsync("--config", config, "--explain-closes");
        for (int i = 0; i < Connections; i++)
        {
            _clients.Add(new PlainSocket(new IPAddress([127, 1, 1, (byte)(1 + (i % Addresses))]), host.Address));
        }

        var clock = Stopwatch.StartNew();
        Task<TimeSpan>[] ends = AskAll();
        int endedCount = ends.Count(end => end.IsCompleted);
        if (clock.Elapsed >= idleTimeout)
        {
            return false;
        }

        Assert.That(endedCount, Is.Zero, "all are open at once");
        await AssertIdledAsync(host, ends, idleTimeout);
        return true;
    }

    private Task<TimeSpan>[] AskAll()
    {
        long[] asked = new long[Connections];
        var ends = new Task<TimeSpan>[Connections];
        foreach (int[] window in Enumerable.Range(0, Connections).Chunk(Window))
        {
            Array.ForEach(window, i => Ask(i, asked));
            Array.ForEach(window, i => Assert.That(_clients[i].Receive("hello"), Does.StartWith("HTTP/1.1 200 ")));
            Array.ForEach(window, i => ends[i] = AgeAtEndAsync(_clients[i], asked[i]));
        }

        return ends;
    }

    private static async Task AssertIdledAsync(HostProcess host, Task<TimeSpan>[] ends, TimeSpan idleTimeout)
    {
        TimeSpan[] ages = await Task.WhenAll(ends).WaitAsync(idleTimeout + Patience.Cap);

        TestContext.Out.WriteLine($"ended {ages.Min().TotalSeconds:0.00} s to {ages.Max().TotalSeconds:0.00} s after their request");
        Assert.That(ages.Min(), Is.AtLeast(idleTimeout));
        Closes closes = await Closes.OfAsync(host);
        Assert.That(closes.Told.Select(close => close.Reason).Distinct(), Is.EqualTo((string[])["IdleTimeout"]));
        Assert.That(closes.Told.Count + closes.LostCount, Is.EqualTo(Connections));
    }

    private static string ConfigOf(IPEndPoint backend, TimeSpan idleTimeout) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        {
          "listeners": [ { "address": "127.0.0.1:0", "keepAlive": { "idleTimeout": "{{(int)idleTimeout.TotalSeconds}}s" } } ],
          "groups": [ { "backends": [ { "address": "{{backend}}" } ] } ],
          "limits": { "maxClientConnections": 18000 },
          "timeouts": { "requestHead": "10m" }
        }
        """);

    private void Ask(int client, long[] asked)
    {
        asked[client] = Stopwatch.GetTimestamp();
        _clients[client].Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    // From before the request was sent: the idle time begins later.
    private static async Task<TimeSpan> AgeAtEndAsync(PlainSocket client, long asked)
    {
        int received = await client.EndAsync();
        TimeSpan age = Stopwatch.GetElapsedTime(asked);
        Assert.That(received, Is.Zero);
        return age;
    }
}
