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
    private readonly int _maxConnections;
    private bool _isFull;

    /// <param name="maxConnections">Client connections that this loop may have, over all its listeners.</param>
    public ClientListener(
        ClientTable table, Worker worker, ListenerPlan plan, TransportListener listener, int maxConnections)
    {
        _table = table;
        _worker = worker;
        _plan = plan;
        _listener = listener;
        _maxConnections = maxConnections;
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
            SetFull(_table.Count >= _maxConnections);
        }
    }

    /// <summary>A connection has gone: there may be room again.</summary>
    public void OnRemoved() => SetFull(_table.Count >= _maxConnections);

    /// <summary>Stops listening once what the kernel has accepted for us already is taken over.</summary>
    public void Finish() => _listener.Finish();

    // Past the maximum connections wait in the backlog: to refuse them would be to fail what may work in a moment.
    private void SetFull(bool isFull)
    {
        if (isFull != _isFull)
        {
            _isFull = isFull;
            _listener.SetAccepting(!isFull);
        }
    }
}
