using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>
/// What one loop does as places for connections run short: it keeps track of whose they are, evicts, stops accepting.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. All loops follow the one shortage of <see cref="ClientPlaces"/>: whoever
/// changes it tells the others, and while there is excess each looks again with each tick, because what one may close
/// depends on what the others have.
/// </remarks>
internal sealed class ClientPressure
{
    // A loop that closed a hundred thousand in one turn would keep everybody else waiting.
    private const int EvictionsPerTurn = 256;

    // While all others are busy, a new connection whose first request is still on its way would be the only choice.
    private const int LeastQuietMilliseconds = 1_000;

    private const int MillisecondsBetweenLines = 10_000;

    private readonly ClientPlaces _places;
    private readonly int _number;
    private readonly Worker _worker;
    private readonly ConnectionTable _table;
    private readonly Action _acceptingChanged;
    private readonly Clock _clock;
    private long _toldMilliseconds = -MillisecondsBetweenLines;
    private bool _goesOn;

    /// <param name="acceptingChanged">Called when <see cref="MayAccept"/> may be another one, and with each tick while
    /// places are short: another loop may have given one back.</param>
    public ClientPressure(ClientPlaces places, Worker worker, ConnectionTable table, Action acceptingChanged)
    {
        _places = places;
        _worker = worker;
        _table = table;
        _acceptingChanged = acceptingChanged;
        _clock = new Clock(this);
        _number = places.Join(this);
    }

    public EventLoop Loop => _worker.Loop;

    /// <summary>False from the moment when all places are taken until enough of them are free again.</summary>
    public bool MayAccept => _places.Shortage < Shortage.Complete;

    /// <summary>False while all places are taken.</summary>
    public bool HasPlace => _places.Taken < _places.Maximum;

    /// <summary>Takes a place for a connection that was accepted.</summary>
    public void Take(ClientConnection connection)
    {
        bool hasChanged = _places.Take();
        _table.Fairness?.Add(connection.Id.Slot, connection.Client, connection.State);
        if (hasChanged)
        {
            Tell();
        }
        else if (_places.Excess > 0)
        {
            Evict();
        }
    }

    /// <summary>A bug may have kept a connection from what keeps track of them: <see cref="Follow"/> makes that anew.
    /// </summary>
    public void Forget() => _table.Fairness = null;

    /// <summary>Gives back the place of a connection that was closed.</summary>
    public void GiveBack()
    {
        if (_places.GiveBack())
        {
            Tell();
        }
    }

    /// <summary>Accepting failed for want of a descriptor: idle connections to backends are worth less than a client.
    /// </summary>
    public void FreeDescriptors()
    {
        if (CloseIdleBackends() == 0)
        {
            _places.Ask(this, static other => other.CloseIdleBackends());
        }
    }

    /// <summary>Does what the shortage asks for.</summary>
    public void Follow()
    {
        if (_places.Shortage == Shortage.None)
        {
            _table.Fairness = null;
            _places.Board.Hide(_number);
        }
        else
        {
            _table.Fairness ??= Survey();
        }

        _acceptingChanged();
        Evict();
    }

    private void Tell()
    {
        if (_places.Shortage >= Shortage.Here && Loop.NowMilliseconds - _toldMilliseconds >= MillisecondsBetweenLines)
        {
            _toldMilliseconds = Loop.NowMilliseconds;
            EngineLog.PlacesShort(_worker.Logger, _places.Taken, _places.Maximum);
        }

        _places.Ask(this, static other => other.Follow());
        Follow();
    }

    private int CloseIdleBackends() => _worker.Plan.Pools.Sum(pool => pool.CloseAllIdle(CloseReason.LocalDescriptors));

    // Who has been quiet for longest comes first, as if it had been kept track of all along.
    private FairEviction Survey()
    {
        var connections = new ClientConnection[_table.Count];
        long[] quietSince = new long[connections.Length];
        int count = 0;
        _table.ForEach(connection =>
        {
            quietSince[count] = connection.QuietSinceMilliseconds;
            connections[count++] = connection;
        });
        Array.Sort(quietSince, connections);

        // It is made at three quarters of the maximum: with room up to where it evicts, nothing of it has to grow.
        var fairness = new FairEviction(_places.Board, _number, slots: count + (count / 5) + 1);
        foreach (ClientConnection connection in connections)
        {
            fairness.Add(connection.Id.Slot, connection.Client, connection.State);
        }

        return fairness;
    }

    private void Evict()
    {
        int left = EvictionsPerTurn;
        while (left > 0 && _places.Excess > _places.Board.Ending && TryEvictOne())
        {
            left--;
        }

        if (left == 0 && !_goesOn)
        {
            _goesOn = true;
            Loop.Defer(static pressure => ((ClientPressure)pressure!).GoOn(), this);
        }

        if (_places.Excess > 0)
        {
            Loop.Wheel.Arm(_clock, Loop.NowTick + 1);
        }
    }

    private void GoOn()
    {
        _goesOn = false;
        Evict();
    }

    private bool TryEvictOne()
    {
        if (_table.Fairness is not { Next: >= 0 } fairness)
        {
            return false;
        }

        int slot = fairness.Next;
        ClientConnection connection = _table.At(slot)!;
        if (fairness.IsNextAnOnlyOne && !(_places.Board.MayTakeOnlyOnes(_number) && IsLongQuiet(connection)))
        {
            return false;
        }

        fairness.End(slot);
        connection.Evict();
        return true;
    }

    private bool IsLongQuiet(ClientConnection connection) =>
        Loop.NowMilliseconds - connection.QuietSinceMilliseconds >= LeastQuietMilliseconds;

    private sealed class Clock(ClientPressure pressure) : TimerEntry
    {
        protected internal override void OnDue()
        {
            pressure.Evict();
            pressure._acceptingChanged();
        }
    }
}
