using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

[TestFixture]
internal sealed class ForwardingTests
{
    [Test]
    public void A_request_is_forwarded_and_its_response_relayed()
    {
        var bed = new EngineBed();
        bed.AnswerWith("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

        SimPeer client = bed.Ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That(client.Text, Does.StartWith("HTTP/1.1 200 OK\r\n").And.EndWith("\r\n\r\nhello"));
        Assert.That(client.IsFinished, Is.False);
        Assert.That(bed.Status.ClientConnectionsIdle, Is.EqualTo(1));
        Assert.That(bed.Status.BackendConnectionsIdle, Is.EqualTo(1));
    }

    // The rest stays unconsumed, so a read of a stream that has ended gives the same bytes for ever.
    [Test]
    public void A_client_that_ends_within_its_trailers_does_not_keep_the_loop_busy()
    {
        var bed = new EngineBed();
        SimPeer client = bed.Connect();
        client.Send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b");
        client.Close();

        bed.Network.RunUntilIdle();

        Assert.That(bed.Status.ClientConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_backend_that_ends_within_its_trailers_cuts_the_response_short()
    {
        var bed = new EngineBed();
        bed.Backend.OnAccepted = peer => peer.OnReceived = p =>
        {
            p.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b");
            p.Close();
        };

        SimPeer client = bed.Ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.That(client.IsFinished, Is.True);
        Assert.That(client.Text, Does.EndWith("1\r\na\r\n"));
        Assert.That(bed.ClientCloses(CloseReason.BackendTruncated), Is.EqualTo(1));
    }
}
