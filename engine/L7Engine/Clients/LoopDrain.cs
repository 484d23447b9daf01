using L7Engine.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Clients;

/// <summary>One loop's part of an order to drain: which connections are left, and how the others ended.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it. As a timer it is the deadline.</remarks>
internal sealed class LoopDrain(
    ClientLoop loop, ConnectionTable table, DrainOrder order, Action stopped, Action<DrainResult> done) : TimerEntry
{
    // Of one client only those count that were there: what it opens meanwhile is served as ever.
    private readonly HashSet<ConnectionId>? _ids = order.Client is null ? null : [];
    private int _openCount;
    private int _closedCount;
    private int _cutCount;
    private int _cutTunnelCount;
    private bool _isCut;
    private bool _hasStopped;

    public DrainOrder Order => order;

    /// <summary>Tells every connection, and gives each idle one its slot in the window.</summary>
    public void Begin()
    {
        int idleCount = 0;
        table.ForEach(connection =>
        {
            if (order.Covers(connection))
            {
                _ids?.Add(connection.Id);
                _openCount++;
                idleCount += connection.State == ClientState.Idle ? 1 : 0;
            }
        });

        // Evenly spaced, the first one at once: a client that is alone does not have to wait.
        long slot = 0;
        ForEachCovered(connection =>
        {
            bool isIdle = connection.State == ClientState.Idle;
            connection.Drain(loop.Worker.Loop.Wheel.TickAfter(isIdle ? order.SpreadTicks * slot++ / idleCount : 0));
        });
        loop.Worker.Loop.Wheel.Arm(this, loop.Worker.Loop.Wheel.TickAfter(order.DeadlineTicks));
        if (order.IsCut || order.DeadlineTicks == 0)
        {
            Cut(isDue: !order.IsCut);
        }
    }

    /// <summary>Ends what is left of it, whatever it carries.</summary>
    /// <param name="isDue">Its time is over; else somebody did not want to wait for that.</param>
    public void Cut(bool isDue)
    {
        if (_isCut)
        {
            return;
        }

        _isCut = true;
        loop.Worker.IsDrainTimeoutOver = isDue
            && order.DeadlineTicks == TimerWheel.TicksOf(loop.Worker.Plan.Snapshot.Options.Timeouts.Drain);
        ForEachCovered(connection =>
        {
            // Of what is between two requests, or lingers, nothing is lost.
            bool isTunnel = connection.State == ClientState.Tunnelling;
            bool isBusy = isTunnel || connection.State is ClientState.ReadingHead or ClientState.Exchanging;
            _cutCount += isBusy ? 1 : 0;
            _cutTunnelCount += isTunnel ? 1 : 0;
            connection.Cut(isBusy ? CloseReason.DrainDeadline : CloseReason.Drain);
        });
        loop.CloseListeners(order);
    }

    public void OnAdded(ClientConnection connection)
    {
        if (_ids is null && order.Covers(connection))
        {
            _openCount++;
        }
    }

    public void OnRemoved(ClientConnection connection)
    {
        if (IsCovered(connection))
        {
            _openCount--;
            _closedCount++;
        }
    }

    /// <summary>True when nothing of it is left, and nothing can come any more.</summary>
    public bool IsOver => _openCount == 0 && _hasStopped;

    public void TellWhenStopped()
    {
        if (!_hasStopped && !loop.HasListener(order))
        {
            _hasStopped = true;
            stopped();
        }
    }

    /// <summary>Tells the result.</summary>
    public void Finish()
    {
        loop.Worker.Loop.Wheel.Remove(this);
        done(new DrainResult(_closedCount - _cutCount, _cutCount, _cutTunnelCount));
    }

    protected internal override void OnDue() => Cut(isDue: true);

    private bool IsCovered(ClientConnection connection) => _ids?.Contains(connection.Id) ?? order.Covers(connection);

    private void ForEachCovered(Action<ClientConnection> action) => table.ForEach(connection =>
    {
        if (IsCovered(connection))
        {
            action(connection);
        }
    });
}
