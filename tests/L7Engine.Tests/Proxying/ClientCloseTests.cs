using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>A client that finishes sending while its request is under way: it is served, or given up where that is
/// asked for.</summary>
[TestFixture]
internal sealed class ClientCloseTests : EngineFixture
{
    [Test]
    public void Its_request_goes_on_unless_it_is_told_otherwise([Values] bool aborts, [Values] bool atOnce)
    {
        StartListener(l => l with { AbortOnClientClose = aborts });
        SimPeer client = Bed.Connect();
        client.Send(Msg.Get());
        if (!atOnce)
        {
            Net.RunUntilIdle();
        }

        client.HalfClose();
        Net.RunUntilIdle();
        if (!aborts)
        {
            Send(Backend, Msg.Ok("done"));
        }

        Assert.That(client.Text.EndsWith("done", StringComparison.Ordinal), Is.EqualTo(!aborts));
        Assert.That(Bed.Status.Backends[0].RequestsInFlight, Is.Zero);
        Assert.That(Bed.ClientCloses(CloseReason.ClientAborted), Is.EqualTo(aborts ? 1 : 0));
    }

    [Test]
    public void The_end_of_a_body_and_of_sending_in_one_is_noticed_too()
    {
        StartListener(l => l with { AbortOnClientClose = true });
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");

        client.Send("a body");
        client.HalfClose();
        Net.RunUntilIdle();

        Assert.That((client.IsFinished || client.IsReset, Bed.ClientCloses(CloseReason.ClientAborted)),
            Is.EqualTo((true, 1L)));
    }

    [Test]
    public void A_response_that_has_begun_goes_on()
    {
        StartListener(l => l with { AbortOnClientClose = true });
        SimPeer client = Ask(Msg.Get());
        Send(Backend, Msg.Ok("whole")[..^2]);

        client.HalfClose();
        Net.RunUntilIdle();
        Send(Backend, "le");

        Assert.That(client.Text, Does.EndWith("whole"));
    }
}
