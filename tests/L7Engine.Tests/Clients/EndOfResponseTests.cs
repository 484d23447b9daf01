using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>A response that ends with its connection arrives whole, whatever its client sends meanwhile.</summary>
[TestFixture]
internal sealed class EndOfResponseTests : EngineFixture
{
    private const int BodyBytes = 10_000;

    // HTTP/1.0 and keep-alive: it has a right to ask again, and learns only from the FIN that it should not have.
    [Test]
    public void A_request_behind_one_whose_response_ends_with_the_connection_does_not_reset_that_response()
    {
        Net.Link = new LinkSettings { ReceiveBufferBytes = 1_000 };
        Bed.Backend.OnAccepted = peer => peer.OnReceived = _ =>
        {
            peer.Send("HTTP/1.1 200 OK\r\n\r\n" + new string('b', BodyBytes));
            peer.HalfClose();
        };
        SimPeer client = Bed.Connect();
        client.PauseReading();
        Send(client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

        Send(client, "GET /again HTTP/1.0\r\n\r\n");
        client.ResumeReading();
        Net.RunUntilIdle();

        Assert.That((client.IsReset, client.IsFinished), Is.EqualTo((false, true)));
        Assert.That(client.Text, Does.EndWith("\r\n\r\n" + new string('b', BodyBytes)));
    }

    // A backend that stops in the middle of the second response takes nothing from the first.
    [Test]
    public void A_request_behind_one_whose_response_is_cut_does_not_reset_the_responses_before_it()
    {
        string whole = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + new string('b', BodyBytes);
        Net.Link = new LinkSettings { ReceiveBufferBytes = 1_000 };
        Bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            bool isSecond = p.Text.Contains("/2", StringComparison.Ordinal);
            p.Clear();
            p.Send(isSecond ? whole[..100] : whole);
            if (isSecond)
            {
                p.HalfClose();
            }
        };
        SimPeer client = Bed.Connect();
        client.PauseReading();
        Send(client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

        Send(client, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
        client.ResumeReading();
        Net.RunUntilIdle();

        Assert.That((client.IsReset, client.IsFinished), Is.EqualTo((false, true)));
        Assert.That(client.Text, Does.Contain(new string('b', BodyBytes)));
    }
}
