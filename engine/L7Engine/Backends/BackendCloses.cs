using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>How the connections of one pool end: each close, and each that never opened, is entered and counted.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class BackendCloses(EventLoop loop, CloseLedger ledger, LoopCounters totals, BackendCounts counts)
{
    private const long MillisecondsBetweenLines = 10_000;

    private long _untoldFailures;
    private long _toldMilliseconds = long.MinValue / 2;

    /// <summary>Closes a connection that no list has any more, and enters why.</summary>
    /// <param name="backend">As it is configured by now.</param>
    public void Close(BackendConnection connection, Backend backend, in CloseCause cause)
    {
        TransportConnection transport = connection.Transport;
        counts.Open--;
        totals.Add(LoopCounter.BackendsOpen, -1);
        totals.Add(LoopCounter.BackendBytesReceived, transport.BytesReceived);
        totals.Add(LoopCounter.BackendBytesSent, transport.BytesSent);
        PeerReport peer = PeerReport.OfEnd(transport);
        ledger.Enter(new CloseEntry
        {
            Side = ConnectionSide.Backend,
            Cause = cause with { Reason = peer.Refine(cause.Reason) },
            ClosedFirst = transport.ClosedFirst,
            PeerProbes = (byte)peer.Probes,
            Connection = connection.Id,
            Place = backend.GroupName,
            Peer = transport.RemoteAddress,
            ClosedAtUtcTicks = loop.UtcNow.UtcTicks,
            AgeMilliseconds = loop.NowMilliseconds - connection.OpenedMilliseconds,
            IdleMilliseconds = transport.IdleMilliseconds,
            RequestCount = connection.ExchangeCount,
            Errno = transport.Error,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
        });
        transport.Close();
    }

    /// <summary>Enters an attempt to connect that failed. It never was an open connection.</summary>
    /// <param name="isLocal">This machine ran out of something: the backend is not to blame.</param>
    /// <returns>
    /// How many failed since it was last worth a line in the log; 0 when it is not yet worth one again.
    /// </returns>
    public long EnterFailedConnect(
        Backend backend, ConnectionId id, in CloseCause cause, int errno, CloseParty endedBy, long beganMilliseconds,
        bool isLocal)
    {
        EnterUnopened(backend, id, cause, errno, endedBy, beganMilliseconds);
        counts.ConnectFailures += isLocal ? 0 : 1;
        _untoldFailures++;
        if (loop.NowMilliseconds - _toldMilliseconds < MillisecondsBetweenLines)
        {
            return 0;
        }

        _toldMilliseconds = loop.NowMilliseconds;
        long told = _untoldFailures;
        _untoldFailures = 0;
        return told;
    }

    /// <summary>Enters an attempt to connect that we gave up: its exchange has ended. The backend is not to blame.
    /// </summary>
    public void EnterGivenUp(Backend backend, ConnectionId id, in CloseCause cause, long beganMilliseconds) =>
        EnterUnopened(backend, id, cause, errno: 0, CloseParty.Engine, beganMilliseconds);

    private void EnterUnopened(
        Backend backend, ConnectionId id, in CloseCause cause, int errno, CloseParty endedBy, long beganMilliseconds)
    {
        ledger.Enter(new CloseEntry
        {
            Side = ConnectionSide.Backend,
            Cause = cause,
            ClosedFirst = endedBy,
            Connection = id,
            Place = backend.GroupName,
            Peer = PeerAddress.Of(backend.Address),
            ClosedAtUtcTicks = loop.UtcNow.UtcTicks,
            AgeMilliseconds = loop.NowMilliseconds - beganMilliseconds,
            Errno = errno,
        });
        totals.Add(LoopCounter.BackendsFailed);
    }
}
