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

    private readonly ClientLoop _loop;
    private readonly ClientPressure _pressure;
    private readonly TransportListener _listener;
    private long _toldMilliseconds = -MillisecondsBetweenLines;
    private bool _isAccepting = true;

    public ClientListener(
        ClientLoop loop,
        ConnectionTable table,
        ClientPressure pressure,
        ListenerPlan plan,
        TransportListener listener)
    {
        _loop = loop;
        Table = table;
        _pressure = pressure;
        Worker = loop.Worker;
        Plan = plan;
        _listener = listener;
        Gaps = new GapCounters(Worker.Loop.NowMilliseconds);
        listener.AcceptPaused = TakePause;
    }

    public Worker Worker { get; }

    /// <summary>The connections of this loop, those of other listeners as well.</summary>
    public ConnectionTable Table { get; }

    /// <summary>How its clients are treated. Read it once for what spans an await.</summary>
    public ListenerPlan Plan { get; private set; }

    /// <summary>The clients of this address, on all loops.</summary>
    public required ClientTable Clients { get; init; }

    /// <summary>The idle times of its connections on this loop.</summary>
    public GapCounters Gaps { get; }

    /// <summary>What the last change of the configuration made of idle timeouts; null before the first.</summary>
    public IdleChange? IdleChange { get; private set; }

    /// <summary>True from the first accept on; before it connections wait in the backlog.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Its clients are to go: each response says close, and nothing is accepted that has not come yet.
    /// </summary>
    public bool IsDraining { get; private set; }

    /// <summary>Accepts until it is closed.</summary>
    /// <param name="ended">Called on the loop when nothing more can come of it.</param>
    public async Task RunAsync(Action<ClientListener> ended)
    {
        IsRunning = true;

        // Not before: until the change that opens it is made, its name may be that of another listener.
        Worker.Gaps[Plan.Options.Name] = Gaps;
        try
        {
            while (await _listener.AcceptAsync() is { } transport)
            {
                Admit(transport);
                if (IsDraining)
                {
                    AcceptOrNot();
                }
            }
        }
        catch (Exception bug)
        {
            Worker.Counters.Add(LoopCounter.EngineFaults);
            EngineLog.AcceptingFaulted(Worker.Logger, bug, _listener.Address, Plan.Options.Name);

            // While it is open the system goes on to give it connections, which nobody takes any more.
            _listener.Close();
        }

        ended(this);
    }

    /// <summary>Takes other settings for the same address; they hold for the connections that are open, too.</summary>
    public void Apply(ListenerPlan plan, IdleChange change)
    {
        IdleChange = change;
        Worker.Gaps[plan.Options.Name] = Gaps;
        if (plan.Settings != Plan.Settings)
        {
            _listener.Configure(plan.Settings);
        }

        Plan = plan;
    }

    /// <summary>Accepts or leaves connections in the backlog: to refuse them would be to fail what may work in a
    /// moment.</summary>
    public void AcceptOrNot()
    {
        // Who waits where nobody else comes any more takes every place that is free: there is no flood to hold back.
        bool isAccepting = IsDraining ? _pressure.HasPlace : _pressure.MayAccept;
        if (isAccepting != _isAccepting)
        {
            _listener.SetAccepting(isAccepting);
            _isAccepting = isAccepting;
        }
    }

    /// <summary>Takes no more connections from other loops; those that are on their way still arrive.</summary>
    public void StopSharing() => _listener.StopSharing();

    /// <summary>Stops listening once what the kernel has accepted for us already is ours.</summary>
    /// <remarks>While all places are taken it waits for one as it always does, at most until the drain's deadline.
    /// </remarks>
    public void Finish()
    {
        IsDraining = true;
        AcceptOrNot();
        _listener.Finish();
    }

    /// <summary>Stops listening; what waits in the backlog is reset.</summary>
    public void Close() => _listener.Close();

    /// <summary>What is entered of a connection that a bug has ended, and of which it leaves no more to be known.
    /// </summary>
    public CloseEntry ToEntry(TransportConnection transport, ConnectionId connection) => new()
    {
        Side = ConnectionSide.Client,
        Cause = CloseReason.EngineFault,
        Connection = connection,
        Place = Plan.Options.Name,
        Peer = transport.RemoteAddress,
        ClosedAtUtcTicks = Worker.Loop.UtcNow.UtcTicks,
        BytesReceived = transport.BytesReceived,
        BytesSent = transport.BytesSent,
    };

    /// <summary>A bug amid a close may have confused what keeps track of connections: makes that anew.</summary>
    public void Recover(ConnectionId closed)
    {
        try
        {
            _pressure.Forget();
            _pressure.Follow();
        }
        catch (Exception bug)
        {
            Worker.ReportBug(bug, closed);
        }
    }

    private void Admit(TransportConnection transport)
    {
        Worker.Counters.Add(LoopCounter.ClientsAccepted);
        ClientConnection? connection = null;
        try
        {
            connection = new ClientConnection(this, transport);
            Worker.Counters.Add(LoopCounter.ClientsOpen);
            _loop.NoteAdmitted(connection);
            _pressure.Take(connection);
            connection.Start();
        }
        catch (Exception bug)
        {
            Drop(transport, connection, bug);
        }
    }

    // A bug costs the connection that it hit, and not all that would come after it.
    private void Drop(TransportConnection transport, ClientConnection? connection, Exception bug)
    {
        Worker.ReportBug(bug, connection?.Id ?? default);
        if (connection is null)
        {
            // Nobody else knows of it.
            transport.Abort();
            Worker.Ledger.Enter(ToEntry(transport, default));
        }
        else
        {
            _pressure.Forget();
            connection.Cut(CloseReason.EngineFault);
            _pressure.Follow();
        }
    }

    // Without descriptors accepting goes on and pauses again with each connection that closes: one line is for many.
    private void TakePause(int errno)
    {
        Worker.Counters.Add(LoopCounter.AcceptPauses);
        _pressure.FreeDescriptors();
        if (Worker.Loop.NowMilliseconds - _toldMilliseconds >= MillisecondsBetweenLines)
        {
            _toldMilliseconds = Worker.Loop.NowMilliseconds;
            EngineLog.AcceptPaused(Worker.Logger, _listener.Address, errno);
        }
    }
}
