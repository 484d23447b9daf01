using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Buffers are bounded, and whoever waits for a response must not hold the ones that it would come in.</summary>
[TestFixture]
internal sealed class BufferBudgetTests : EngineFixture
{
    private const int Clients = 40;

    // Each would hold a block of 64 KiB for a few bytes: sixteen of them are all that 1 MiB gives.
    [Test]
    public void Requests_that_wait_behind_others_leave_room_for_the_responses_to_those()
    {
        StartLimited(new Limits { MaxBufferBytes = 1024 * 1024 });
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            if (Bed.Backend.Peers.Count == Clients)
            {
                AnswerAll();
            }
        };
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Bed.Connect())];
        foreach (SimPeer client in clients)
        {
            client.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        }

        Net.RunUntilIdle();

        Assert.That(clients.Select(c => c.Text.Split("HTTP/1.1 200 OK").Length - 1), Is.All.EqualTo(2));
    }

    private void AnswerAll()
    {
        foreach (SimPeer peer in Bed.Backend.Peers.Where(p => !p.Received.IsEmpty))
        {
            peer.Clear();
            peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }
}
