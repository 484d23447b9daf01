using System.Net;
using L7Engine.Backends;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>The clients of one loop: its listeners, its table, and how they come to an end.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ClientLoop
{
    private readonly List<ClientListener> _listeners = [];
    private readonly ConnectionTable _table;
    private readonly ClientPressure _pressure;
    private readonly DrainClock _clock;
    private Action<DrainResult>? _drained;
    private int _countAtDrain;
    private int _cutCount;

    /// <param name="places">Those of all loops together.</param>
    public ClientLoop(Worker worker, ClientPlaces places)
    {
        Worker = worker;
        _clock = new DrainClock(this);
        _table = new ConnectionTable { Removed = OnRemoved };
        _pressure = new ClientPressure(places, worker, _table, AcceptOrNot);
    }

    public Worker Worker { get; }

    /// <summary>Listens, and accepts from now on.</summary>
    /// <param name="clients">The clients of this address, on all loops.</param>
    /// <param name="isSibling">Another loop listens on the same address already.</param>
    /// <returns>The bound address.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use, or not ours.</exception>
    public IPEndPoint Listen(ListenerPlan plan, ClientTable clients, IPEndPoint address, bool isSibling)
    {
        ListenSettings settings = plan.Settings with { IsSibling = isSibling };
        TransportListener transport = Worker.Loop.Listen(address, settings);
        var listener = new ClientListener(_table, _pressure, Worker, plan, transport) { Clients = clients };
        _listeners.Add(listener);
        listener.SetAccepting(_pressure.MayAccept);
        _ = listener.RunAsync();
        return transport.Address;
    }

    /// <summary>Stops accepting, ends what is idle, and lets exchanges end until the deadline.</summary>
    /// <param name="done">Called on the loop once no client connection is open.</param>
    public void Drain(long deadlineTicks, Action<DrainResult> done)
    {
        Worker.IsDraining = true;
        _drained = done;
        _countAtDrain = _table.Count;
        foreach (ClientListener listener in _listeners)
        {
            listener.Finish();
        }

        _table.ForEach(connection => connection.Drain());
        DrainPools(CloseReason.Drain);
        _clock.IsSetting = deadlineTicks == TimerWheel.TicksOf(Worker.Plan.Snapshot.Options.Timeouts.Drain);
        Worker.Loop.Wheel.Arm(_clock, Worker.Loop.Wheel.TickAfter(deadlineTicks));
        FinishWhenEmpty();
    }

    /// <summary>Ends every connection, whatever it carries.</summary>
    public void Cut(CloseReason reason)
    {
        _cutCount += _table.Count;
        _table.ForEach(connection => connection.Cut(reason));
    }

    /// <summary>Ends everything: listeners, connections of both sides.</summary>
    public void Stop()
    {
        foreach (ClientListener listener in _listeners)
        {
            listener.Close();
        }

        Cut(CloseReason.Stopped);
        DrainPools(CloseReason.Stopped);
    }

    private void DrainPools(CloseReason reason)
    {
        foreach (BackendPool pool in Worker.Plan.Pools)
        {
            pool.Drain(reason);
        }
    }

    private void AcceptOrNot()
    {
        foreach (ClientListener listener in _listeners)
        {
            listener.SetAccepting(_pressure.MayAccept || Worker.IsDraining);
        }
    }

    private void OnRemoved()
    {
        Worker.Counters.Add(LoopCounter.ClientsOpen, -1);
        _pressure.GiveBack();
        FinishWhenEmpty();
    }

    private void FinishWhenEmpty()
    {
        if (_table.Count == 0 && _drained is { } done)
        {
            _drained = null;
            Worker.Loop.Wheel.Remove(_clock);
            done(new DrainResult(Math.Max(0, _countAtDrain - _cutCount), _cutCount));
        }
    }

    private sealed class DrainClock(ClientLoop loop) : TimerEntry
    {
        /// <summary>The deadline is that of the configuration.</summary>
        public bool IsSetting { get; set; }

        protected internal override void OnDue()
        {
            loop.Worker.IsDrainTimeoutOver = IsSetting;
            loop.Cut(CloseReason.DrainDeadline);
        }
    }
}
