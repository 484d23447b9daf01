using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>What ends an attempt to connect that nobody waits for any more.</summary>
[TestFixture]
internal sealed class ConnectingTests : EngineFixture
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    [Test]
    public void A_client_that_is_reset_ends_the_attempt_for_it_at_once()
    {
        SimPeer client = AskUnanswered();
        client.Reset();
        Net.RunFor(Moment);

        Assert.That(Bed.OnlyClose(ConnectionSide.Client).Reason, Is.EqualTo(CloseReason.Reset));
        CloseRecord attempt = Bed.OnlyClose(ConnectionSide.Backend);
        Assert.That((attempt.Reason, attempt.ClosedFirst), Is.EqualTo((CloseReason.ExchangeAborted, CloseParty.Engine)));
        Assert.That(Net.Loops.Sum(loop => loop.Connections.Count), Is.Zero);
    }

    // It still wants its response (RFC 9112 section 9.6).
    [Test]
    public void A_client_that_has_finished_sending_does_not()
    {
        SimPeer client = AskUnanswered();
        client.HalfClose();
        Net.RunFor(Moment);
        Assert.That(Net.Loops.Sum(loop => loop.Connections.Count), Is.EqualTo(2));

        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
    }

    [Test]
    public void The_deadline_of_a_drain_ends_it_at_once()
    {
        AskUnanswered();
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(1));
        Net.RunFor(TimeSpan.FromSeconds(1) + (2 * Moment));

        Assert.That(drain.IsCompleted);
        CloseRecord attempt = Bed.OnlyClose(ConnectionSide.Backend);
        Assert.That(attempt.Reason, Is.EqualTo(CloseReason.DrainDeadline));
        Assert.That(attempt.Age, Is.LessThan(TimeSpan.FromSeconds(1.3)));
    }

    [Test]
    public void The_backend_is_not_to_blame_for_an_attempt_that_was_given_up()
    {
        SimPeer client = AskUnanswered();
        client.Reset();
        Net.RunFor(Moment);

        Assert.That((Bed.Status.BackendConnectsFailed, Bed.Status.Backends[0].ConnectFailures), Is.EqualTo((1, 0)));
    }

    // Both ends in one turn: whichever is seen first, the connection is entered and closed once.
    [Test]
    public void A_connection_that_opens_as_its_client_goes_is_closed([Range(1, 20)] int seed)
    {
        Start(seed: seed);
        SimPeer client = Bed.Connect();
        client.Send(Msg.Get());
        Net.RunFor(TimeSpan.FromTicks(seed * 37));
        client.Reset();
        Net.RunUntilIdle();

        Assert.That(Net.Loops.Sum(loop => loop.Connections.Count), Is.Zero);
    }

    private SimPeer AskUnanswered()
    {
        Net.SetOutcome(Bed.Backend.Address, ConnectOutcome.Unanswered);
        return Ask(Msg.Get());
    }
}
