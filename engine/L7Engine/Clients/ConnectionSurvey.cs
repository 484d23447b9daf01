using L7Engine.Backends;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>Looks at every open connection of a loop, a part of them in a turn: the loop goes on meanwhile.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A client's connection that is there from the beginning to the end is
/// seen once, with the backend's connection that it has; what comes or goes meanwhile may be missed.
/// </remarks>
internal sealed class ConnectionSurvey(
    Worker worker, ConnectionTable table, TaskCompletionSource<List<ConnectionPicture>> answer)
{
    private const int SlotsPerTurn = 1_000;

    private readonly List<ConnectionPicture> _seen = [];
    private int _nextSlot;

    private EventLoop Loop => worker.Loop;

    /// <summary>Looks at the next part, and leaves the rest to a turn that follows.</summary>
    public void Run()
    {
        try
        {
            RunPart();
        }
        catch (Exception bug)
        {
            // Whoever asked would wait for ever.
            worker.ReportBug(bug, default);
            answer.TrySetException(bug);
        }
    }

    private void RunPart()
    {
        int end = Math.Min(table.SlotCount, _nextSlot + SlotsPerTurn);
        for (; _nextSlot < end; _nextSlot++)
        {
            if (table.At(_nextSlot) is { } connection)
            {
                LookAt(connection);
            }
        }

        bool goesOn = _nextSlot < table.SlotCount
            && Loop.Post(static survey => ((ConnectionSurvey)survey!).Run(), this);
        if (!goesOn)
        {
            Finish();
        }
    }

    private void Finish()
    {
        foreach (BackendPool pool in worker.Plan.Pools.Concat(worker.Plan.Retired))
        {
            pool.LookAtWaiting(_seen);
        }

        answer.SetResult(_seen);
    }

    private void LookAt(ClientConnection connection)
    {
        TransportConnection transport = connection.Transport;
        ListenerPlan listener = connection.Listener.Plan;
        PeerReport peer = PeerReport.Of(transport);
        _seen.Add(new ConnectionPicture
        {
            Side = ConnectionSide.Client,
            Connection = connection.Id,
            Place = listener.Options.Name,
            Peer = transport.RemoteAddress,
            State = StateOf(connection.State),
            AgeMilliseconds = Loop.NowMilliseconds - connection.OpenedMilliseconds,
            IdleMilliseconds = transport.IdleMilliseconds,
            RequestCount = connection.RequestCount,
            BytesReceived = transport.BytesReceived,
            BytesSent = transport.BytesSent,
            PeerStatus = peer.Status,
            PeerProbes = peer.Probes,
            Deadline = ClientDeadline.Of(connection, worker),
            TakenAtMilliseconds = Loop.NowMilliseconds,
        });
        if (connection.Exchange is { Attempts: { HasLease: true } attempts } exchange)
        {
            attempts.LookAtLease(
                exchange.Tunnel is null ? ConnectionState.Exchanging : ConnectionState.Tunnelling,
                ExchangeDeadline.Of(exchange, transport, listener.Options), _seen);
        }
    }

    private static ConnectionState StateOf(ClientState state) => state switch
    {
        ClientState.Accepted => ConnectionState.Accepted,
        ClientState.ReadingHead => ConnectionState.ReadingHead,
        ClientState.Exchanging => ConnectionState.Exchanging,
        ClientState.Idle => ConnectionState.Idle,
        ClientState.Tunnelling => ConnectionState.Tunnelling,
        _ => ConnectionState.Lingering,
    };
}
