using L7Engine.Host.Demo;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class DemoReportTests
{
    [Test]
    public void The_summary_compares_the_two_kinds_of_traffic()
    {
        var status = new LoadBalancerStatus
        {
            Requests = 1_500,
            ClientConnectionsAccepted = 510,
            RequestsOnReusedClientConnections = 990,
            BackendConnectionsOpened = 3,
            RequestsOnReusedBackendConnections = 1_497,
            ClientCloses = [new CloseCount(CloseReason.Drain, 10), new CloseCount(CloseReason.ClientAskedClose, 500)],
        };

        Assert.That(DemoReport.Summary(Tally("keep-alive", 1_000), Tally("close", 500), status), Is.EqualTo(
        [
            "requests             1,500, failed 0",
            "client connections   510 accepted; 66.0 % of the requests on a reused one",
            "backend connections  3 opened; 99.8 % of the requests on a reused one",
            "keep-alive           1,000 requests/s",
            "close                500 requests/s",
            "ratio                2.0 (keep-alive to close)",
            "clients closed       ClientAskedClose 500, Drain 10",
            "backends closed      none",
        ]));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", 12)]
    [TestCase("HTTP/1.1 200 OK\r\ncontent-length:7\r\nA: b\r\n\r\n", 7)]
    [TestCase("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", -1)]
    public void The_length_of_a_body_is_read_off_its_head(string head, int expected)
    {
        Assert.That(MessageReader.BodyBytesOf(head), Is.EqualTo(expected));
    }

    private static DemoTally Tally(string kind, int requests)
    {
        var tally = new DemoTally(kind);
        for (int i = 0; i < requests; i++)
        {
            tally.CountRequest();
        }

        tally.EndPhase(TimeSpan.FromSeconds(1));
        return tally;
    }
}
