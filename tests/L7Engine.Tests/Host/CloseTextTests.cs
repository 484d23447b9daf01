using System.Net;
using L7Engine.Host.Text;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class CloseTextTests
{
    private static readonly CloseRecord Idle = new()
    {
        ClosedAt = new DateTimeOffset(2026, 1, 2, 12, 0, 0, 7, TimeSpan.Zero),
        Side = ConnectionSide.Client,
        Reason = CloseReason.IdleTimeout,
        Setting = new SettingValue("keepAlive.idleTimeout", 75_000, SettingUnit.Milliseconds),
        Connection = "c0-1a-3",
        Place = "web",
        Peer = IPEndPoint.Parse("192.0.2.7:50432"),
        Age = TimeSpan.FromMilliseconds(80_214),
        IdleTime = TimeSpan.FromSeconds(75),
        RequestCount = 3,
        BytesReceived = 240,
        BytesSent = 960,
    };

    [Test]
    public void A_close_is_a_line_that_says_all_that_is_known_of_it()
    {
        Assert.That(CloseText.Of(Idle), Is.EqualTo(
            "2026-01-02T12:00:00.007Z closed client 192.0.2.7:50432 (web, c0-1a-3): IdleTimeout, no further request in " +
            "time (keepAlive.idleTimeout=75s); we first; age 80.214s, requests 3, idle 75s, received 240 B, sent 960 B"));
    }

    [Test]
    public void What_the_system_said_is_named_and_so_is_who_closed_first()
    {
        CloseRecord reset = Idle with
        {
            Side = ConnectionSide.Backend,
            Reason = CloseReason.BackendReset,
            Setting = null,
            Errno = 104,
            ClosedFirst = CloseParty.Peer,
        };
        Assert.That(CloseText.Of(reset), Does.Contain("closed backend").And.Contain("the peer first")
            .And.EndWith("sent 960 B, ECONNRESET (104)").And.Not.Contain("="));

        CloseRecord vanished = reset with { Errno = 110, ClosedFirst = CloseParty.Network, PeerProbes = 10 };
        Assert.That(CloseText.Of(vanished), Does.Contain("the network first")
            .And.EndWith("ETIMEDOUT (110), 10 probes unanswered"));
        Assert.That(CloseText.Of(reset with { Errno = 4095 }), Does.EndWith("errno 4095"));
    }

    [Test]
    public void The_rule_that_was_broken_says_more_than_that_one_was()
    {
        CloseRecord close = Idle with { Reason = CloseReason.ProtocolError, Detail = "Host is missing", Setting = null };

        Assert.That(CloseText.Of(close), Does.Contain(": ProtocolError, Host is missing; "));
    }

    // The only text that comes from outside is the configuration's, and a file may hold anything.
    [Test]
    public void Nothing_breaks_the_line()
    {
        CloseRecord close = Idle with { Place = "a\r\nb\u001b[31m\u202e" };

        Assert.That(CloseText.Of(close), Does.Contain(@"(a\r\nb\u001b[31m\u202e, "));
    }

    [Test]
    public void Every_reason_has_words()
    {
        string[] words = [.. Enum.GetValues<CloseReason>().Skip(1).Select(ReasonText.Of)];

        Assert.That(words, Is.All.Not.Empty);
    }

    [TestCase(SettingUnit.Milliseconds, 75_000, "x=75s")]
    [TestCase(SettingUnit.Milliseconds, 250, "x=250ms")]
    [TestCase(SettingUnit.Milliseconds, 0, "x=0s")]
    [TestCase(SettingUnit.Bytes, 8192, "x=8192B")]
    [TestCase(SettingUnit.Count, 1000, "x=1000")]
    [TestCase(SettingUnit.Switch, 0, "x=false")]
    [TestCase(SettingUnit.Switch, 1, "x=true")]
    public void A_setting_is_written_as_the_file_has_it(SettingUnit unit, long value, string expected)
    {
        Assert.That(new SettingValue("x", value, unit).ToString(), Is.EqualTo(expected));
    }
}
