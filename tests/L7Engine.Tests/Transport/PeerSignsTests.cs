using System.Runtime.InteropServices;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

[TestFixture]
internal sealed class PeerSignsTests
{
    [Test]
    public void The_fields_of_the_kernel_are_where_it_puts_them()
    {
        byte[] tcpInfo = new byte[PeerSigns.TcpInfoBytes];
        (tcpInfo[2], tcpInfo[3]) = (4, 200);
        Put(tcpInfo, 24, 3);
        Put(tcpInfo, 52, 1_001);
        Put(tcpInfo, 56, uint.MaxValue);
        Put(tcpInfo, 68, 250);
        Put(tcpInfo, 120, 1_000);

        Assert.That(PeerSigns.Of(tcpInfo, sentBytes: 1_001), Is.EqualTo(new PeerSigns
        {
            IsKnown = true,
            Retransmits = 4,
            Probes = 200,
            UnackedSegments = 3,
            SinceReceivedMilliseconds = 1_001,
            SinceAckMilliseconds = uint.MaxValue,
            RoundTripMicroseconds = 250,
            IsInFlight = true,
            AckedBytes = 1_000,
        }));
        Assert.That(PeerSigns.Of(tcpInfo, sentBytes: 1_000).IsInFlight, Is.False);
    }

    [TestCase(0u, false)]
    [TestCase(1u, true)]
    public void A_kernel_that_does_not_count_acknowledged_bytes_knows_the_segments(uint unacked, bool isInFlight)
    {
        byte[] tcpInfo = new byte[104];
        Put(tcpInfo, 24, unacked);

        Assert.That(PeerSigns.Of(tcpInfo, sentBytes: 1_000).IsInFlight, Is.EqualTo(isInFlight));
    }

    [Test]
    public void Less_than_is_needed_is_nothing([Values(0, 71)] int bytes)
    {
        Assert.That(PeerSigns.Of(new byte[bytes], sentBytes: 1), Is.EqualTo(default(PeerSigns)));
    }

    private static void Put(Span<byte> tcpInfo, int at, uint value) => MemoryMarshal.Write(tcpInfo[at..], value);
}
