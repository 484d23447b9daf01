using System.Net;
using L7Engine.Backends;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>The clients of one loop: its listeners, its table, and how they come to an end.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ClientLoop
{
    private readonly List<ClientListener> _listeners = [];
    private readonly List<LoopDrain> _drains = [];
    private readonly ConnectionTable _table;
    private readonly ClientPressure _pressure;

    /// <param name="places">Those of all loops together.</param>
    public ClientLoop(Worker worker, ClientPlaces places)
    {
        Worker = worker;
        _table = new ConnectionTable { Removed = OnRemoved };
        _pressure = new ClientPressure(places, worker, _table, AcceptOrNot);
    }

    public Worker Worker { get; }

    /// <summary>Binds an address. Connections wait in its backlog until <see cref="Accept"/>.</summary>
    /// <param name="clients">The clients of this address, on all loops.</param>
    /// <param name="isSibling">Another loop listens on the same address already.</param>
    /// <returns>The bound address.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use, or not ours.</exception>
    public IPEndPoint Open(ListenerPlan plan, ClientTable clients, IPEndPoint address, bool isSibling)
    {
        ListenSettings settings = plan.Settings with { IsSibling = isSibling };
        TransportListener transport = Worker.Loop.Listen(address, settings);
        var listener = new ClientListener(this, _table, _pressure, plan, transport) { Clients = clients };
        _listeners.Add(listener);
        listener.AcceptOrNot();
        return transport.Address;
    }

    /// <summary>Accepts at every address that was opened.</summary>
    public void Accept()
    {
        foreach (ClientListener listener in _listeners.Where(l => !l.IsRunning).ToArray())
        {
            _ = listener.RunAsync(OnEnded);
        }
    }

    /// <summary>Closes the addresses that were opened and never accepted at.</summary>
    public void CloseUnused()
    {
        foreach (ClientListener listener in _listeners.Where(l => !l.IsRunning).ToArray())
        {
            _listeners.Remove(listener);
            listener.Close();
        }
    }

    /// <summary>Puts another configuration in force, for what is open as well, and accepts at what was opened for it.
    /// </summary>
    public void Apply(Snapshot snapshot, ListenerChange change, int maxTunnels)
    {
        Snapshot was = Worker.Plan.Snapshot;
        Worker.Apply(snapshot, maxTunnels);
        foreach (ClientListener listener in _listeners)
        {
            if (change.After(listener.Plan) is { } plan)
            {
                listener.Apply(
                    plan, new IdleChange(listener.Plan.Persistence, was, plan.Persistence, snapshot));
            }
        }

        ForgetGapsOf(snapshot);
        _table.ForEach(connection => connection.Reconsider());
        Accept();
    }

    /// <summary>The first half of a drain: nothing is taken from other loops any more.</summary>
    public void StopSharing(DrainOrder order)
    {
        foreach (ClientListener listener in _listeners.Where(order.Covers))
        {
            listener.StopSharing();
        }
    }

    /// <summary>Stops accepting, ends what is idle in its turn, and lets exchanges end until the deadline.</summary>
    /// <param name="stopped">Called on the loop once nothing is accepted any more.</param>
    /// <param name="done">Called on the loop once none of the connections it is for is open.</param>
    public void Begin(DrainOrder order, Action stopped, Action<DrainResult> done)
    {
        foreach (ClientListener listener in _listeners.Where(order.Covers).ToArray())
        {
            listener.Finish();
        }

        var drain = new LoopDrain(this, _table, order, stopped, done);
        _drains.Add(drain);
        drain.Begin();
        FinishDrains();
    }

    /// <summary>Looks at every connection that is open.</summary>
    /// <param name="answer">Given what was seen, on the loop, now or in a later turn.</param>
    public void Survey(TaskCompletionSource<List<ConnectionPicture>> answer) =>
        new ConnectionSurvey(Worker, _table, answer).Run();

    /// <summary>Brings the deadline of a drain forward to this moment.</summary>
    public void Cut(DrainOrder order) => _drains.Find(drain => drain.Order == order)?.Cut(isDue: false);

    /// <summary>Ends everything: listeners, connections of both sides.</summary>
    public void Stop()
    {
        foreach (ClientListener listener in _listeners.ToArray())
        {
            listener.Close();
        }

        _table.ForEach(connection => connection.Cut(CloseReason.Stopped));
        DrainPools(CloseReason.Stopped);
    }

    public bool HasListener(DrainOrder order) => _listeners.Exists(order.Covers);

    /// <summary>Stops listening at once where a drain is over before everything was accepted.</summary>
    public void CloseListeners(DrainOrder order)
    {
        foreach (ClientListener listener in _listeners.Where(order.Covers).ToArray())
        {
            listener.Close();
        }
    }

    /// <summary>A connection was accepted: a drain that is for it has to wait for it, too.</summary>
    public void NoteAdmitted(ClientConnection connection)
    {
        foreach (LoopDrain drain in _drains)
        {
            drain.OnAdded(connection);
        }
    }

    // Who has taken another name was entered again; a listener that drains keeps what it has.
    private void ForgetGapsOf(Snapshot snapshot)
    {
        foreach (string name in Worker.Gaps.Keys.Where(n => snapshot.Listeners.All(l => l.Options.Name != n)))
        {
            Worker.Gaps.TryRemove(name, out _);
        }
    }

    private void DrainPools(CloseReason reason)
    {
        foreach (BackendPool pool in Worker.Plan.Pools.Concat(Worker.Plan.Retired))
        {
            pool.Drain(reason);
        }
    }

    private void AcceptOrNot()
    {
        foreach (ClientListener listener in _listeners)
        {
            listener.AcceptOrNot();
        }
    }

    private void OnRemoved(ClientConnection connection)
    {
        Worker.Counters.Add(LoopCounter.ClientsOpen, -1);
        foreach (LoopDrain drain in _drains)
        {
            drain.OnRemoved(connection);
        }

        try
        {
            _pressure.GiveBack();
            if (_drains.Count > 0)
            {
                AcceptOrNot();
            }
        }
        finally
        {
            // A drain that did not learn of its last connection would never end.
            if (_drains.Count > 0)
            {
                FinishDrains();
            }
        }
    }

    private void OnEnded(ClientListener listener)
    {
        _listeners.Remove(listener);
        FinishDrains();
    }

    private void FinishDrains()
    {
        foreach (LoopDrain drain in _drains.ToArray())
        {
            drain.TellWhenStopped();
        }

        foreach (LoopDrain drain in _drains.Where(drain => drain.IsOver).ToArray())
        {
            _drains.Remove(drain);
            if (drain.Order.IsWhole)
            {
                // Not before: the last requests need connections to the backends, too.
                DrainPools(CloseReason.Drain);
            }

            drain.Finish();
        }
    }
}
