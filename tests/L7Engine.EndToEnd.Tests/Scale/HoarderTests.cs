using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Scale;

/// <summary>One address opens as many connections as there are places, and more; a hundred others have one each.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HoarderTests
{
    private const int Places = 10_000;
    private const int Opened = 13_000;
    private const int Victims = 100;
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    // What ends the others, once the engine is told to stop.
    private static readonly string[] AtTheEnd = ["Drain", "DrainDeadline", "Stopped"];

    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.66");

    private const string Config = """
        {
          "listeners": [ { "address": "127.0.0.1:0", "keepAlive": { "idleTimeout": "10m" } } ],
          "groups": [ { "backends": [ { "address": "BACKEND" } ] } ],
          "limits": { "maxClientConnections": 10000 },
          "timeouts": { "requestHead": "10m" },
          "loops": LOOPS
        }
        """;

    private readonly List<PlainSocket> _hoard = [];
    private readonly List<PlainSocket> _victims = [];

    [TearDown]
    public void CloseClients()
    {
        _hoard.ForEach(connection => connection.Dispose());
        _victims.ForEach(connection => connection.Dispose());
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Whoever_hoards_loses_its_own_connections_and_no_other_client_is_closed_or_kept_out(int loops)
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = ScriptedBackend.Saying("hello");
        string text = Config.Replace("BACKEND", $"{backend.Address}").Replace("LOOPS", $"{loops}");
        await using HostProcess host = await HostProcess.ServeAsync(
            "--config", folder.Write("config.json", text), "--explain-closes");
        var random = new Random(loops);

        int lost = 0;
        for (int i = 0; i < Opened; i++)
        {
            Hoard(host.Address, i % 3);
            if (i % 100 == 0 && _victims.Count < Victims)
            {
                _victims.Add(new PlainSocket(new IPAddress([127, 1, 2, (byte)(1 + _victims.Count)]), host.Address));
                Ask(_victims[^1]);
            }

            if (i % 10 == 0)
            {
                Ask(_victims[random.Next(_victims.Count)]);
            }

            if (i % 1_000 == 0)
            {
                lost += DropLost();
            }
        }

        _victims.ForEach(Ask);
        Assert.That(_victims, Has.Count.EqualTo(Victims));
        Assert.That(Patience.Until(() => (lost += DropLost()) > Opened - Places), $"{lost} lost, {_hoard.Count} left");
        TestContext.Out.WriteLine($"{Opened} opened, {lost} lost, {_hoard.Count} left");
        Assert.That(host.Errors.All.Where(line => line.Contains("paused", StringComparison.Ordinal)), Is.Empty);

        Closes closes = await Closes.OfAsync(host);
        var evicted = closes.Told.Where(close => close.Reason == "FairEviction").ToArray();
        Assert.That(evicted.Select(close => close.Peer.Address).Distinct(), Is.EqualTo((IPAddress[])[Attacker]));
        Assert.That(evicted.Length + closes.LostCount, Is.AtLeast(lost));
        Assert.That(closes.Told.Select(close => close.Reason).Distinct(), Is.SubsetOf(AtTheEnd.Append("FairEviction")));
    }

    // Idle after a request, silent, or half a head.
    private void Hoard(IPEndPoint address, int kind)
    {
        var connection = new PlainSocket(Attacker, address);
        _hoard.Add(connection);
        if (kind == 0)
        {
            Ask(connection);
        }
        else if (kind == 1)
        {
            connection.Send("GET / HTTP/1.1\r\nHo");
        }
    }

    private static void Ask(PlainSocket connection)
    {
        connection.Send(Request);
        Assert.That(connection.Receive("hello"), Does.StartWith("HTTP/1.1 200 ").And.EndsWith("hello"));
    }

    private int DropLost()
    {
        PlainSocket[] lost = [.. _hoard.Where(connection => connection.HasEnded)];
        Array.ForEach(lost, connection => connection.Dispose());
        return _hoard.RemoveAll(lost.ToHashSet().Contains);
    }
}
