using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Closes;

/// <summary>What is told of closes, on request and as they come.</summary>
[TestFixture]
internal sealed class ClosedTests : EngineFixture
{
    [Test]
    public void A_close_says_what_the_connection_had_been()
    {
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = Bed.Connect(IPAddress.Parse("127.0.0.7"));
        Send(client, Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(5));
        Send(client, Msg.Get());
        int received = client.Received.Length;
        TimeSpan closedAt = Net.Now + TimeSpan.FromSeconds(75.1);
        Net.RunFor(TimeSpan.FromSeconds(80));

        CloseRecord close = Bed.OnlyClose(ConnectionSide.Client);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(close.Place, Is.EqualTo("default"));
            Assert.That(close.Peer.Address, Is.EqualTo(IPAddress.Parse("127.0.0.7")));
            Assert.That(close.RequestCount, Is.EqualTo(2));
            Assert.That(close.BytesReceived, Is.EqualTo(2 * Msg.Get().Length));
            Assert.That(close.BytesSent, Is.EqualTo(received));
            Assert.That(close.Age, Is.InRange(TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(80.2)));
            Assert.That(close.IdleTime, Is.InRange(TimeSpan.FromSeconds(75), TimeSpan.FromSeconds(75.2)));
            Assert.That(Net.Clock.GetUtcNow() - close.ClosedAt, Is.EqualTo(Net.Now - closedAt).Within(TimeSpan.FromSeconds(0.1)));
            Assert.That((close.Errno, close.ClosedFirst), Is.EqualTo((0, CloseParty.Engine)));
        }
    }

    [Test]
    public void A_failed_attempt_to_connect_says_how_long_it_took_and_what_the_system_said()
    {
        Start(backends: 2);
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Unanswered);
        Net.SetOutcome(Bed.Backends[1].Address, ConnectOutcome.Unanswered);
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(5));

        CloseRecord close = Bed.OnlyClose(ConnectionSide.Backend);
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(close.Age, Is.InRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4.2)));
        Assert.That((close.Errno, close.BytesSent, close.RequestCount), Is.EqualTo((0, 0, 0)));
        Assert.That(Bed.Backends.Select(b => b.Address), Does.Contain(close.Peer));
        Assert.That((Bed.Status.BackendConnectionsOpened, Bed.Status.BackendConnectsFailed), Is.EqualTo((0, 1)));
    }

    [TestCase(ConnectOutcome.Refused, 111, 502)]
    [TestCase(ConnectOutcome.Unreachable, 113, 502)]
    [TestCase(ConnectOutcome.NoLocalPort, 99, 503)]
    [TestCase(ConnectOutcome.NoDescriptor, 24, 503)]
    public void Each_attempt_is_entered_with_its_errno_and_a_local_cause_is_not_the_backends_fault(
        object outcome, int errno, int status)
    {
        Net.SetOutcome(Bed.Backend.Address, (ConnectOutcome)outcome);
        SimPeer client = Ask(Msg.Get());

        Assert.That(Bed.OnlyClose(ConnectionSide.Backend).Errno, Is.EqualTo(errno));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(status));
        Assert.That(Bed.Status.Backends[0].ConnectFailures, Is.EqualTo(status == 502 ? 1 : 0));
    }

    [Test]
    public void The_newest_come_first_over_all_loops_and_no_more_than_asked_for([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok());
        for (int i = 0; i < 12; i++)
        {
            Ask(Msg.Get(fields: "Connection: close\r\n")).Close();
            Net.RunFor(TimeSpan.FromMilliseconds(20));
        }

        IReadOnlyList<CloseRecord> all = Bed.Closed();
        Assert.That(all, Has.Count.EqualTo(12));
        Assert.That(all.Select(c => c.ClosedAt), Is.Ordered.Descending);
        Assert.That(all.Select(c => c.Connection), Is.Unique);
        Assert.That(Net.Wait(() => Bed.Engine.GetClosedAsync(5)), Is.EqualTo(all.Take(5)));
        Assert.That(async () => await Bed.Engine.GetClosedAsync(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void They_can_be_asked_for_after_the_end()
    {
        Ask(Msg.Get());
        Bed.Stop();

        Assert.That(Bed.Closed().Select(c => c.Reason), Is.EqualTo([CloseReason.Stopped, CloseReason.Stopped]));
    }

    [Test]
    public void A_subscription_goes_on_through_a_drain_and_ends_with_the_engine([Values(1, 3)] int loops)
    {
        Start(loops: loops);
        Bed.AnswerWith(Msg.Ok());
        using CloseSubscription closes = Bed.Engine.SubscribeToCloses();
        for (int i = 0; i < 6; i++)
        {
            Ask(Msg.Get()).OnEnded = peer => peer.Close();
        }

        Net.Wait(Bed.DrainAsync());
        Bed.Stop();

        List<CloseRecord> told = [];
        while (closes.TryRead(out CloseRecord? close))
        {
            told.Add(close);
        }

        Assert.That(told.Count(c => c is { Side: ConnectionSide.Client, Reason: CloseReason.Drain }), Is.EqualTo(6));
        Assert.That(told, Is.EquivalentTo(Bed.Closed()));
        Assert.That(() => Bed.Engine.SubscribeToCloses(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => Bed.Engine.SubscribeToCloses(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
