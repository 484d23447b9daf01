using System.Net;
using System.Net.Sockets;
using L7Engine.Backends;
using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>Connecting to the backends of one exchange: within which time, and how each failure is entered.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class Connecting(Worker worker)
{
    private TransportConnection? _opening;
    private long _beganMilliseconds;

    /// <summary>When connecting must have succeeded, counted over all backends that are tried; 0 before the first.
    /// </summary>
    public long DeadlineTick { get; private set; }

    /// <summary>How long the last attempt has taken so far.</summary>
    public long TookMilliseconds => worker.Loop.NowMilliseconds - _beganMilliseconds;

    public bool IsOver => worker.Loop.NowTick >= DeadlineTick;

    public ValueTask<ConnectResult> BeginAsync(Backend backend, LoopPlan plan)
    {
        _beganMilliseconds = worker.Loop.NowMilliseconds;
        if (DeadlineTick == 0)
        {
            DeadlineTick = worker.Loop.Wheel.TickAfter(plan.Snapshot.Ticks.BackendConnect);
        }

        return worker.Loop.ConnectAsync(backend.Address, backend.KeepAlive.WithoutProbes(), DeadlineTick, out _opening);
    }

    /// <summary>Time in which the exchange waited for a place at a backend, and nobody was connecting, does not count.
    /// </summary>
    public void Postpone(long ticks) => DeadlineTick += DeadlineTick > 0 ? ticks : 0;

    /// <summary>Ends an attempt that is under way: nobody waits for it any more.</summary>
    public void GiveUp() => _opening?.Close();

    /// <summary>The attempt has ended, one way or the other.</summary>
    public void End() => _opening = null;

    /// <summary>The next attempt has all of its time again.</summary>
    public void Clear() => DeadlineTick = 0;

    /// <summary>Enters an attempt that was given up.</summary>
    public void EnterGivenUp(BackendPool pool, in CloseCause cause) => pool.EnterGivenUp(cause, _beganMilliseconds);

    /// <summary>Enters and tells of an attempt that failed.</summary>
    public void EnterFailure(BackendPool pool, LoopPlan plan, in ConnectResult result)
    {
        CloseReason reason = ReasonOf(result);
        SettingValue setting = FiredSettings.OfExchange(
            reason, route: null, plan.Snapshot.Options.Timeouts, plan.MaxTunnels);
        bool isOurs = result.IsLocalCause || reason == CloseReason.BackendConnectTimeout;
        int errno = reason == CloseReason.BackendConnectTimeout ? 0 : result.Errno;
        CloseParty endedBy = isOurs ? CloseParty.Engine
            : ErrorNumber.IsSilence(errno) ? CloseParty.Network : CloseParty.Peer;
        long untold = pool.EnterFailedConnect(
            new CloseCause(reason, setting), errno, endedBy, _beganMilliseconds, result.IsLocalCause);
        if (untold > 0)
        {
            LogFailure(pool.Backend, reason, result.Error, untold);
        }
    }

    // A system that gives up before our own deadline is one whose network did not answer.
    private CloseReason ReasonOf(in ConnectResult result) => result.Error switch
    {
        SocketError.TimedOut when IsOver => CloseReason.BackendConnectTimeout,
        SocketError.AddressNotAvailable => CloseReason.LocalPorts,
        _ when result.IsLocalCause => CloseReason.LocalDescriptors,
        _ => CloseReason.BackendConnectFailed,
    };

    private void LogFailure(Backend backend, CloseReason reason, SocketError error, long count)
    {
        string text = error.ToString();
        IPEndPoint address = backend.Address;
        if (reason == CloseReason.LocalPorts)
        {
            EngineLog.NoLocalPort(worker.Logger, address, backend.GroupName, count);
        }
        else if (reason == CloseReason.LocalDescriptors)
        {
            EngineLog.NoLocalDescriptor(worker.Logger, address, backend.GroupName, text, count);
        }
        else
        {
            EngineLog.BackendConnectFailed(worker.Logger, address, backend.GroupName, text, count);
        }
    }
}
