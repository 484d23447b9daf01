using System.Net;
using L7Engine.Clients;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Random lives of connections under caps: at no time more than may be, and in the end nothing left.</summary>
[TestFixture]
internal sealed class CapLivesTests
{
    private const int Steps = 400;

    // The last three are one client twice over, and a proxy that names it.
    private static readonly string[] Addresses =
        ["192.0.2.1", "192.0.2.2", "64:ff9b::192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:2::2", "10.0.0.1"];

    private static readonly string[] Openings =
    [
        Msg.Get(),
        Msg.Get() + Msg.Get(),
        Msg.Get(fields: "Connection: close\r\n"),
        Msg.Get("/until-close"),
        Msg.Get("/cut"),
        Msg.Get("/reset"),
        Msg.Get("/never"),
        Msg.Get("/tunnel", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
        Msg.Post("a body"),
        Msg.Post("a body")[..^3],
        Msg.PostChunks() + "5\r\nno",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /until-close HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HT",
        "\r\n",
        "malformed\r\n\r\n",
        "PROXY TCP4 192.0.2.2 203.0.113.7 12345 80\r\n",
        "PROXY UNKNOWN\r\n",
        "PROX",
    ];

    [Test]
    public void Caps_hold_all_the_while_and_all_counts_return_to_zero(
        [Range(1, 40)] int seed, [Values] CapRefusal refusal, [Values(1, 3)] int loops)
    {
        var random = new Random(seed);
        var caps = new ClientCapsOptions { Persistent = 2, Connections = 4, Refusal = refusal };
        EngineBed bed = Start(caps, loops, seed);
        SetBugs(bed, () => random.Next(30) == 0);
        Serve(bed.Backend, random);
        var open = new List<SimPeer>();
        for (int step = 0; step < Steps; step++)
        {
            Act(bed, open, random);
            bed.Network.RunFor(Pause(random));
            AssertCaps(bed, caps, $"seed {seed}, step {step}");
        }

        SetBugs(bed, null);
        End(bed, random);

        LoadBalancerStatus status = bed.Status;
        string reasons = string.Join(", ", status.ClientCloses.Select(c => $"{c.Reason} {c.Count}"));
        Assert.That(bed.Engine.Clients[0].Count, Is.Zero, $"seed {seed}: {reasons}");
        Assert.That(status.ClientCloses.Sum(c => c.Count), Is.EqualTo(status.ClientConnectionsAccepted), reasons);
    }

    // A property over lives that never get to the caps, or never end by a bug, would say little.
    [Test]
    public void The_random_lives_end_in_every_way_that_there_is()
    {
        var seen = new HashSet<CloseReason>();
        for (int seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var caps = new ClientCapsOptions { Persistent = 2, Connections = 4 };
            EngineBed bed = Start(caps, 1, seed);
            SetBugs(bed, () => random.Next(30) == 0);
            Serve(bed.Backend, random);
            var open = new List<SimPeer>();
            for (int step = 0; step < Steps; step++)
            {
                Act(bed, open, random);
                bed.Network.RunFor(Pause(random));
            }

            End(bed, random);
            seen.UnionWith(bed.Status.ClientCloses.Where(c => c.Count > 0).Select(c => c.Reason));
        }

        Assert.That(seen, Is.SupersetOf(
        [
            CloseReason.IdleTimeout, CloseReason.PersistentCap, CloseReason.ConnectionCap, CloseReason.ClientAskedClose,
            CloseReason.ClientClosed, CloseReason.ClientAborted, CloseReason.Reset, CloseReason.HeadTimeout,
            CloseReason.RequestBodyUnread, CloseReason.ProtocolError, CloseReason.BackendTruncated,
            CloseReason.UntilCloseEnd, CloseReason.TunnelClosed, CloseReason.Drain, CloseReason.DrainDeadline, CloseReason.Stopped,
            CloseReason.EngineFault,
        ]));
    }

    private static EngineBed Start(ClientCapsOptions caps, int loops, int seed) => new(
        seed,
        loops: loops,
        configure: o => o with
        {
            Listeners =
            [
                o.Listeners[0] with
                {
                    ClientCaps = caps,
                    KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(8) },
                    TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")],
                    ProxyProtocol = true,
                },
            ],
            Timeouts = new Timeouts
            {
                RequestHead = TimeSpan.FromSeconds(6),
                RequestBodyGap = TimeSpan.FromSeconds(6),
                BackendResponse = TimeSpan.FromSeconds(10),
            },
        });

    private static void Serve(SimServer backend, Random random) => backend.OnAccepted = peer => peer.OnReceived = p =>
    {
        string request = p.Text;
        if (!request.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            return;
        }

        p.Clear();
        switch (request.Split(' ', '\r')[1])
        {
            case "/until-close": p.Send("HTTP/1.1 200 OK\r\n\r\nthat is all"); p.Close(); break;
            case "/cut": p.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot"); p.Close(); break;
            case "/reset": p.Reset(); break;
            case "/never": break;
            case "/tunnel":
                p.Send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                break;
            default: p.Send(random.Next(20) == 0 ? "HTTP/1.0 200 OK\r\n\r\n" : Msg.Ok("done")); break;
        }
    };

    private static void Act(EngineBed bed, List<SimPeer> open, Random random)
    {
        open.RemoveAll(peer => peer.IsClosed);
        if (open.Count < 4 || random.Next(3) == 0)
        {
            SimPeer peer = bed.Connect(IPAddress.Parse(Addresses[random.Next(Addresses.Length)]));
            open.Add(peer);
            return;
        }

        SimPeer one = open[random.Next(open.Count)];
        switch (random.Next(10))
        {
            case 0: one.Reset(); break;
            case 1: one.Close(); break;
            case 2: one.HalfClose(); break;
            case 3 when one.IsFinished: one.Close(); break;
            default: one.Send(Openings[random.Next(Openings.Length)]); break;
        }
    }

    private static TimeSpan Pause(Random random) => TimeSpan.FromMilliseconds(random.Next(20) switch
    {
        0 => random.Next(20_000),
        < 4 => random.Next(2_000),
        _ => random.Next(3),
    });

    // By a drain that ends well, by one that does not, or by no drain at all.
    private static void End(EngineBed bed, Random random)
    {
        int how = random.Next(3);
        if (how < 2)
        {
            bed.Network.Wait(bed.DrainAsync(how == 0 ? TimeSpan.FromMinutes(2) : TimeSpan.FromMilliseconds(50)));
        }

        bed.Stop();
    }

    private static void AssertCaps(EngineBed bed, ClientCapsOptions caps, string when)
    {
        foreach (string address in Addresses)
        {
            ClientCounts counts = bed.Engine.Clients[0].CountsOf(
                ClientKey.Of(PeerAddress.Of(new IPEndPoint(IPAddress.Parse(address), 1)), 64));

            Assert.That(counts.Open, Is.InRange(0, caps.Connections), when);
            Assert.That(counts.Persistent, Is.InRange(0, Math.Min(caps.Persistent, counts.Open)), when);
        }
    }

    // A bug in the middle of an exchange, wherever it begins to use a connection.
    private static void SetBugs(EngineBed bed, Func<bool>? isOne)
    {
        foreach (MemoryLoop loop in bed.Network.Loops)
        {
            loop.OnUse = isOne is null ? null : () =>
            {
                if (isOne())
                {
                    throw new InvalidOperationException("A bug.");
                }
            };
        }
    }
}
