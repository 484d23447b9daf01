using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>Accepts the connections of one listener on one loop, and admits as many as may be.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ClientListener
{
    private const int MillisecondsBetweenLines = 10_000;

    private readonly ConnectionTable _table;
    private readonly ClientPressure _pressure;
    private readonly Worker _worker;
    private readonly TransportListener _listener;
    private long _toldMilliseconds = -MillisecondsBetweenLines;
    private bool _isAccepting = true;

    public ClientListener(
        ConnectionTable table,
        ClientPressure pressure,
        Worker worker,
        ListenerPlan plan,
        TransportListener listener)
    {
        _table = table;
        _pressure = pressure;
        _worker = worker;
        Plan = plan;
        _listener = listener;
        Gaps = worker.Gaps.GetOrAdd(plan.Options.Name, _ => new GapCounters(worker.Loop.NowMilliseconds));
        listener.AcceptPaused = TakePause;
    }

    /// <summary>How its clients are treated. Read it once for what spans an await.</summary>
    public ListenerPlan Plan { get; private set; }

    /// <summary>The clients of this address, on all loops.</summary>
    public required ClientTable Clients { get; init; }

    /// <summary>The idle times of its connections on this loop.</summary>
    public GapCounters Gaps { get; }

    public async Task RunAsync()
    {
        while (await _listener.AcceptAsync() is { } transport)
        {
            _worker.Counters.Add(LoopCounter.ClientsAccepted);
            _worker.Counters.Add(LoopCounter.ClientsOpen);

            var connection = new ClientConnection(_table, _worker, this, transport);
            _pressure.Take(connection);
            connection.Start();
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

    // Without descriptors accepting goes on and pauses again with each connection that closes: one line is for many.
    private void TakePause(int errno)
    {
        _worker.Counters.Add(LoopCounter.AcceptPauses);
        _pressure.FreeDescriptors();
        if (_worker.Loop.NowMilliseconds - _toldMilliseconds >= MillisecondsBetweenLines)
        {
            _toldMilliseconds = _worker.Loop.NowMilliseconds;
            EngineLog.AcceptPaused(_worker.Logger, _listener.Address, errno);
        }
    }
}
