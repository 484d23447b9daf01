using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>Accepts the connections of one listener on one loop, and admits as many as may be.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ClientListener
{
    private readonly ClientTable _table;
    private readonly Worker _worker;
    private readonly ListenerPlan _plan;
    private readonly TransportListener _listener;
    private bool _isAccepting = true;

    public ClientListener(ClientTable table, Worker worker, ListenerPlan plan, TransportListener listener)
    {
        _table = table;
        _worker = worker;
        _plan = plan;
        _listener = listener;
        listener.AcceptPaused = errno =>
        {
            worker.Counters.Add(LoopCounter.AcceptPauses);
            EngineLog.AcceptPaused(worker.Logger, listener.Address, errno);
        };
    }

    public async Task RunAsync()
    {
        while (await _listener.AcceptAsync() is { } transport)
        {
            _worker.Counters.Add(LoopCounter.ClientsAccepted);
            _worker.Counters.Add(LoopCounter.ClientsOpen);

            // Runs until its first wait, and never throws: a bug in it is counted and costs this connection.
            _ = new ClientConnection(_table, _worker, _plan, transport).RunAsync();
        }
    }

    /// <summary>Accepts or leaves connections in the backlog: to refuse them would be to fail what may work in a
    /// moment.</summary>
    public void SetAccepting(bool isAccepting)
    {
        if (isAccepting != _isAccepting)
        {
            _isAccepting = isAccepting;
            _listener.SetAccepting(isAccepting);
        }
    }

    /// <summary>Stops listening once what the kernel has accepted for us already is ours.</summary>
    public void Finish()
    {
        SetAccepting(true);
        _listener.Finish();
    }

    /// <summary>Stops listening; what waits in the backlog is reset.</summary>
    public void Close() => _listener.Close();
}
