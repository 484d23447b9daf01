using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>What is said of a peer, for everything that TCP may say of it.</summary>
[TestFixture]
internal sealed class PeerReportTests
{
    private const int Broken = ErrorNumber.BrokenPipe;
    private const int HostUnreachable = ErrorNumber.HostUnreachable;
    private const int NetworkUnreachable = ErrorNumber.NetworkUnreachable;
    private const int Reset = ErrorNumber.ConnectionReset;
    private const int TimedOut = ErrorNumber.TimedOut;

    // The first probe after 20 s, then every 5 s, three of them.
    private static readonly TcpKeepAlive KeepAlive = new(TimeSeconds: 20, IntervalSeconds: 5, Probes: 3);

    // An open connection.
    [TestCase(0, 0, 0, PeerStatus.Alive)]
    [TestCase(0, 1, 0, PeerStatus.Probing)]
    [TestCase(0, 9, 2, PeerStatus.Probing)]
    [TestCase(0, 0, 1, PeerStatus.Unknown, Description = "bytes are sent again, and no probe while they are")]

    // One that failed, whatever else is known.
    [TestCase(TimedOut, 0, 0, PeerStatus.Vanished)]
    [TestCase(TimedOut, 3, 5, PeerStatus.Vanished)]
    [TestCase(HostUnreachable, 0, 5, PeerStatus.Unreachable)]
    [TestCase(NetworkUnreachable, 0, 5, PeerStatus.Unreachable)]
    [TestCase(ErrorNumber.HostDown, 0, 5, PeerStatus.Unknown)]
    [TestCase(Broken, 1, 0, PeerStatus.Unknown)]
    [TestCase(Reset, 0, 0, PeerStatus.Unknown)]
    [TestCase(Reset, 1, 0, PeerStatus.Restarted)]
    [TestCase(Reset, 3, 0, PeerStatus.Restarted)]
    public void The_status_follows_from_the_error_and_what_the_kernel_knows(
        int error, int probes, int retransmits, PeerStatus expected)
    {
        var signs = new PeerSigns { IsKnown = true, Probes = probes, Retransmits = retransmits };

        Assert.That(PeerReport.StatusOf(error, signs, 27_000), Is.EqualTo(expected));
    }

    [TestCase(0, PeerStatus.Unknown)]
    [TestCase(TimedOut, PeerStatus.Vanished)]
    [TestCase(HostUnreachable, PeerStatus.Unreachable)]
    public void A_kernel_that_tells_nothing_leaves_the_error(int error, PeerStatus expected)
    {
        Assert.That(PeerReport.StatusOf(error, new PeerSigns { KeepAlive = KeepAlive }, 0), Is.EqualTo(expected));
    }

    [TestCase(0, false)]
    [TestCase(19_999, false)]
    [TestCase(20_000, true)]
    [TestCase(21_000, true)]
    [TestCase(21_001, false)]
    [TestCase(24_999, false)]
    [TestCase(25_000, true)]
    [TestCase(26_000, true)]
    [TestCase(26_001, false)]
    [TestCase(30_500, true)]
    public void Where_the_kernel_tells_nothing_a_reset_just_after_a_probe_was_due_answers_it(
        int idleMilliseconds, bool answersProbe)
    {
        PeerStatus status = PeerReport.StatusOf(Reset, new PeerSigns { KeepAlive = KeepAlive }, idleMilliseconds);

        Assert.That(status, Is.EqualTo(answersProbe ? PeerStatus.Restarted : PeerStatus.Unknown));
    }

    // A kernel's timer of hours may be minutes late: that a probe is out is worth more than when it was due.
    [Test]
    public void Where_the_kernel_tells_of_a_probe_the_reset_may_come_late()
    {
        var untold = new PeerSigns { KeepAlive = new TcpKeepAlive(TimeSeconds: 7_200, IntervalSeconds: 75, Probes: 10) };

        Assert.That(
            PeerReport.StatusOf(Reset, untold with { IsKnown = true, Probes = 1 }, 7_233_000),
            Is.EqualTo(PeerStatus.Restarted));
        Assert.That(PeerReport.StatusOf(Reset, untold, 7_233_000), Is.EqualTo(PeerStatus.Unknown));
    }

    // A peer that does not read is probed, too, and those probes are none of keepalive.
    [Test]
    public void A_reset_with_bytes_in_flight_or_without_keepalive_answers_no_probe()
    {
        var probed = new PeerSigns { IsKnown = true, Probes = 1, IsInFlight = true };

        Assert.That(PeerReport.StatusOf(Reset, probed, 20_500), Is.EqualTo(PeerStatus.Unknown));
        Assert.That(PeerReport.StatusOf(Reset, default, 20_500), Is.EqualTo(PeerStatus.Unknown), "keepalive is off");
    }

    [TestCase(CloseReason.Reset, PeerStatus.Vanished, CloseReason.Vanished)]
    [TestCase(CloseReason.Reset, PeerStatus.Restarted, CloseReason.Restarted)]
    [TestCase(CloseReason.Reset, PeerStatus.Unreachable, CloseReason.Unreachable)]
    [TestCase(CloseReason.Reset, PeerStatus.Unknown, CloseReason.Reset)]
    [TestCase(CloseReason.BackendReset, PeerStatus.Vanished, CloseReason.Vanished)]
    [TestCase(CloseReason.BackendReset, PeerStatus.Unknown, CloseReason.BackendReset)]
    [TestCase(CloseReason.BackendStale, PeerStatus.Vanished, CloseReason.Vanished)]
    [TestCase(CloseReason.IdleTimeout, PeerStatus.Vanished, CloseReason.IdleTimeout)]
    [TestCase(CloseReason.TunnelClosed, PeerStatus.Unreachable, CloseReason.TunnelClosed)]
    public void Only_a_loss_is_told_more_precisely(CloseReason noted, PeerStatus status, CloseReason expected)
    {
        Assert.That(new PeerReport(status, 0).Refine(noted), Is.EqualTo(expected));
    }
}
