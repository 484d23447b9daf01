using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>What is to be seen of the connections to a backend.</summary>
internal static class BackendPictures
{
    /// <param name="isLearned">What ends them is not the setting, but what was learned of the backend.</param>
    public static void OfIdle(IdleConnections idle, Backend backend, bool isLearned, List<ConnectionPicture> seen)
    {
        CloseReason reason = isLearned ? CloseReason.PoolIdleDeadline : CloseReason.PoolIdleTimeout;
        SettingValue setting = FiredSettings.OfPool(reason, backend.Pool);
        for (BackendConnection? connection = idle.Newest; connection is not null; connection = connection.Older)
        {
            seen.Add(OfWaiting(connection, backend, ConnectionState.Idle, setting));
        }
    }

    public static void OfLeaving(LeavingConnections leaving, Backend backend, List<ConnectionPicture> seen)
    {
        var setting = SettingValue.Of("timeouts.backendCloseWait", backend.CloseWait);
        for (BackendConnection? connection = leaving.Newest; connection is not null; connection = connection.Older)
        {
            seen.Add(OfWaiting(connection, backend, ConnectionState.Lingering, setting));
        }
    }

    public static ConnectionPicture Of(
        BackendConnection connection, Backend backend, ConnectionState state, int requests, in Deadline deadline)
    {
        TransportConnection transport = connection.Transport;
        PeerReport peer = PeerReport.Of(transport);
        long now = transport.Loop.NowMilliseconds;
        return new ConnectionPicture
        {
            Side = ConnectionSide.Backend,
            Connection = connection.Id,
            Place = backend.GroupName,
            Peer = transport.RemoteAddress,
            State = state,
            AgeMilliseconds = now - connection.OpenedMilliseconds,
            IdleMilliseconds = transport.IdleMilliseconds,
            RequestCount = requests,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
            PeerStatus = peer.Status,
            PeerProbes = peer.Probes,
            Deadline = deadline,
            TakenAtMilliseconds = now,
        };
    }

    private static ConnectionPicture OfWaiting(
        BackendConnection connection, Backend backend, ConnectionState state, SettingValue setting) =>
        Of(connection, backend, state, connection.ExchangeCount,
            new Deadline(setting, connection.Transport.ReadDeadlineTick));
}
