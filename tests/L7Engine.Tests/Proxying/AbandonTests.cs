using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>A bug costs one connection: nothing that its exchange held is lost, wherever it was.</summary>
/// <remarks>
/// Each exchange is played again and again, and at each use that it makes of a connection there is a bug once.
/// </remarks>
[TestFixture]
internal sealed class AbandonTests
{
    private const int MostUses = 1_000;

    private static readonly LinkSettings Narrow = new() { SendBufferBytes = 2_048, ReceiveBufferBytes = 2_048 };

    private static IEnumerable<TestCaseData> Exchanges() =>
    [
        Exchange("a request and its response", bed => bed.Ask(Msg.Get()), Answer(Msg.Ok("body"))),
        Exchange("on connections that are used again", bed => Twice(bed, Msg.Get()), Answer(Msg.Ok("body"))),
        Exchange("large bodies", bed => bed.Ask(Msg.Post(Msg.Text(200_000))), Answer(Msg.Ok(Msg.Text(200_000)))),
        Exchange("large bodies through narrow links", bed =>
        {
            bed.Network.Link = Narrow;
            bed.Ask(Msg.Post(Msg.Text(100_000)));
        }, Answer(Msg.Ok(Msg.Text(100_000)))),
        Exchange("a body that comes later", bed => InTwo(bed, Msg.Post(Msg.Text(9_000)), ^8_900), Answer(Msg.Ok())),
        Exchange("chunks both ways", bed => bed.Ask(Msg.PostChunks() + Msg.Chunk("abc") + Msg.LastChunk),
            Answer(Msg.OkChunks() + Msg.Chunk("abc") + Msg.LastChunk)),
        Exchange("an answer before the body", bed => InTwo(bed, Msg.Post(Msg.Text(50_000)), ^49_900), AnswerAtOnce(Msg.Ok())),
        Exchange("interim responses", bed => bed.Ask(Msg.Get()), Answer("HTTP/1.1 103 Early Hints\r\n\r\n" + Msg.Ok())),
        Exchange("a client that waits for 100", bed => InTwo(bed, Msg.Post("body", "Expect: 100-continue\r\n"), ^4),
            Answer("HTTP/1.1 100 Continue\r\n\r\n" + Msg.Ok())),
        Exchange("a response until the end of the stream", bed => bed.Ask(Msg.Get()), p =>
        {
            p.Send("HTTP/1.1 200 OK\r\n\r\nbody");
            p.Close();
        }),
        Exchange("a tunnel", OpenTunnel, AnswerAtOnce(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\ndown")),
        Exchange("a backend that closes instead of answering", bed => bed.Ask(Msg.Get()), p => p.Close()),
        Exchange("a request that is refused", bed => bed.Ask("GET / HTTP/1.1\r\n\r\n"), Answer(Msg.Ok())),
    ];

    [TestCaseSource(nameof(Exchanges))]
    public void Whatever_step_has_a_bug_no_block_and_no_place_is_lost(Action<EngineBed> play, Action<SimPeer> answer)
    {
        int use = 0;
        while (Play(++use, play, answer))
        {
            Assert.That(use, Is.LessThan(MostUses));
        }

        Assert.That(use, Is.GreaterThan(2), "there was something to break");
    }

    /// <returns>False when there were fewer uses than that: nothing was broken.</returns>
    private static bool Play(int brokenUse, Action<EngineBed> play, Action<SimPeer> answer)
    {
        var bed = new EngineBed(configure: o => o with
        {
            Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[0] with { MaxConnections = 1 }] }],
        });
        bed.Backend.OnAccepted = peer => peer.OnReceived = answer;
        int uses = 0;
        MemoryLoop loop = bed.Network.Loops[0];
        loop.OnUse = () =>
        {
            if (++uses == brokenUse)
            {
                throw new InvalidOperationException("A bug of a test.");
            }
        };
        play(bed);
        bed.Network.RunFor(TimeSpan.FromMinutes(2));
        loop.OnUse = null;
        bed.Backend.OnAccepted = peer => peer.OnReceived = p => p.Send(Msg.Ok("after"));
        bed.Network.Link = new LinkSettings();
        SimPeer after = bed.Ask(Msg.Get(fields: "Connection: close\r\n"));

        string at = $"use {brokenUse}";
        Assert.That(after.Text, Does.EndWith("after"), at);
        bed.Stop();
        LoadBalancerStatus status = bed.Status;
        Assert.That(loop.Blocks.RentedCount, Is.Zero, at);
        Assert.That(loop.Blocks.RentedBytes, Is.Zero, at);
        Assert.That(status.Backends[0].RequestsInFlight, Is.Zero, at);
        Assert.That((status.BackendConnectionsOpen, status.BackendConnectionsIdle), Is.EqualTo((0, 0)), at);
        Assert.That((status.ClientConnectionsOpen, status.RequestsInFlight, status.Tunnels), Is.EqualTo((0, 0, 0)), at);
        return uses >= brokenUse;
    }

    private static TestCaseData Exchange(string name, Action<EngineBed> play, Action<SimPeer> answer) =>
        new TestCaseData(play, answer).SetArgDisplayNames(name);

    // Once the whole request is there: its end is that of the connection's quiet.
    private static Action<SimPeer> Answer(string response) => peer =>
    {
        string text = peer.Text;
        int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        bool isWhole = head >= 0 && (Msg.Field(text, "Transfer-Encoding") is null
            ? text.Length - head - 4 >= int.Parse(Msg.Field(text, "Content-Length") ?? "0", null)
                || text.Contains("100-continue", StringComparison.Ordinal)
            : text.EndsWith(Msg.LastChunk, StringComparison.Ordinal));
        if (isWhole)
        {
            peer.Clear();
            peer.Send(response);
        }
    };

    private static Action<SimPeer> AnswerAtOnce(string response) => peer =>
    {
        peer.OnReceived = null;
        peer.Send(response);
    };

    private static void Twice(EngineBed bed, string request)
    {
        SimPeer client = bed.Ask(request);
        client.Send(request);
        bed.Network.RunUntilIdle();
    }

    private static void InTwo(EngineBed bed, string request, Index first)
    {
        SimPeer client = bed.Ask(request[..first]);
        client.Send(request[first..]);
        bed.Network.RunUntilIdle();
    }

    private static void OpenTunnel(EngineBed bed)
    {
        SimPeer client = bed.Ask(Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
        client.Send(Msg.Text(50_000));
        bed.Network.RunUntilIdle();
        client.HalfClose();
        bed.Network.RunUntilIdle();
        foreach (SimPeer backend in bed.Backend.Peers)
        {
            backend.Close();
        }
    }
}
