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
}
