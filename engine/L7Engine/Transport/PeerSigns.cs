using System.Runtime.InteropServices;

namespace L7Engine.Transport;

/// <summary>What the kernel knows of the peer of one connection at the moment it was asked.</summary>
/// <remarks>Source: Linux <c>struct tcp_info</c>, whose fields stay where they are; new ones come at its end.</remarks>
internal readonly record struct PeerSigns
{
    /// <summary>Bytes of it that are read here; a kernel that knows fewer fields gives fewer.</summary>
    public const int TcpInfoBytes = AckedAt + sizeof(ulong);

    private const int RetransmitsAt = 2;
    private const int ProbesAt = 3;
    private const int UnackedAt = 24;
    private const int ReceivedAt = 52;
    private const int AckReceivedAt = 56;
    private const int RoundTripAt = 68;
    private const int AckedAt = 120;

    /// <summary>False when the system does not tell: nothing but <see cref="KeepAlive"/> is known then.</summary>
    public bool IsKnown { get; init; }

    /// <summary>What was set on the socket, for where the system does not tell of probes.</summary>
    public TcpKeepAlive KeepAlive { get; init; }

    /// <summary>Probes that nothing has answered. It stays what it was when the connection has failed.</summary>
    public int Probes { get; init; }

    /// <summary>How often the oldest unacknowledged bytes were sent again.</summary>
    public int Retransmits { get; init; }

    /// <summary>Segments that are not acknowledged; 0 once the connection has failed.</summary>
    public int UnackedSegments { get; init; }

    /// <summary>True when the peer has not acknowledged all that was sent. Known of a failed connection, too.</summary>
    public bool IsInFlight { get; init; }

    /// <summary>Bytes that the peer has acknowledged; null where the system does not tell.</summary>
    public long? AckedBytes { get; init; }

    public long SinceReceivedMilliseconds { get; init; }

    /// <summary>Since the peer was last heard; the answer to a probe counts.</summary>
    public long SinceAckMilliseconds { get; init; }

    /// <summary>The smoothed round trip time.</summary>
    public long RoundTripMicroseconds { get; init; }

    /// <param name="tcpInfo">What the kernel gave; nothing when it gave nothing.</param>
    /// <param name="sentBytes">What it has taken from us.</param>
    public static PeerSigns Of(ReadOnlySpan<byte> tcpInfo, long sentBytes)
    {
        if (tcpInfo.Length < RoundTripAt + sizeof(uint))
        {
            return default;
        }

        long? acked = tcpInfo.Length >= TcpInfoBytes ? MemoryMarshal.Read<long>(tcpInfo[AckedAt..]) : null;
        return new PeerSigns
        {
            IsKnown = true,
            Probes = tcpInfo[ProbesAt],
            Retransmits = tcpInfo[RetransmitsAt],
            UnackedSegments = (int)Word(tcpInfo, UnackedAt),
            IsInFlight = acked is { } bytes ? sentBytes > bytes : Word(tcpInfo, UnackedAt) > 0,
            AckedBytes = acked,
            SinceReceivedMilliseconds = Word(tcpInfo, ReceivedAt),
            SinceAckMilliseconds = Word(tcpInfo, AckReceivedAt),
            RoundTripMicroseconds = Word(tcpInfo, RoundTripAt),
        };
    }

    private static uint Word(ReadOnlySpan<byte> tcpInfo, int at) => MemoryMarshal.Read<uint>(tcpInfo[at..]);
}
