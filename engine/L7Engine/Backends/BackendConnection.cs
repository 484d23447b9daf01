using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>One connection to a backend: leased to an exchange, or idle in its pool.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class BackendConnection(BackendPool pool, TransportConnection transport, ConnectionId id)
    : IConnectionWatcher
{
    private const long MostInexactMilliseconds = 50;

    private long _bytesReceivedBeforeLease;

    public TransportConnection Transport { get; } = transport;

    public ConnectionId Id { get; } = id;

    public long OpenedMilliseconds { get; } = transport.Loop.NowMilliseconds;

    /// <summary>When the backend can have begun to count it as idle, or a little before.</summary>
    public long IdleSinceMilliseconds { get; private set; } = transport.Loop.NowMilliseconds;

    /// <summary>False when that may be much too early: nothing is to be learned from it.</summary>
    public bool IsIdleTimeExact { get; private set; } = true;

    /// <summary>When the current lease began.</summary>
    public long LeasedMilliseconds { get; private set; }

    /// <summary>How long it had been idle then.</summary>
    public long IdleBeforeLease { get; private set; }

    /// <summary>Exchanges that used this connection before the one that has it now.</summary>
    public int ExchangeCount { get; private set; }

    /// <summary>Rises with every lease, so that a lease that has ended can do nothing.</summary>
    public uint LeaseNumber { get; private set; }

    /// <summary>True while it waits in its pool for a request.</summary>
    public bool IsIdle { get; set; }

    /// <summary>True once its socket was told to probe the backend, if that is configured.</summary>
    public bool IsProbed { get; set; }

    /// <summary>Neighbours in the list of its pool that it is in.</summary>
    public BackendConnection? Newer { get; set; }

    public BackendConnection? Older { get; set; }

    /// <summary>What the kernel had taken when the current lease began.</summary>
    public long BytesSentBeforeLease { get; private set; }

    /// <summary>True when the backend has ended it, and no byte came in the current lease, or the last one.</summary>
    public bool EndedUnanswered => Transport.BytesReceived == _bytesReceivedBeforeLease
        && (Transport.IsPeerFinished || Transport.Error is ErrorNumber.ConnectionReset or ErrorNumber.BrokenPipe);

    public BackendLease BeginLease()
    {
        LeasedMilliseconds = Transport.Loop.NowMilliseconds;
        IdleBeforeLease = LeasedMilliseconds - IdleSinceMilliseconds;
        BytesSentBeforeLease = Transport.BytesSent;
        _bytesReceivedBeforeLease = Transport.BytesReceived;
        return new BackendLease(pool, this);
    }

    /// <returns>False when the lease had ended before.</returns>
    public bool TryEndLease(uint number)
    {
        if (number != LeaseNumber)
        {
            return false;
        }

        LeaseNumber++;
        ExchangeCount++;
        return true;
    }

    /// <summary>It has been idle since the backend had nothing to do on it.</summary>
    public void BeginIdle()
    {
        long quiet = Transport.QuietMilliseconds;
        IdleSinceMilliseconds = Transport.Loop.NowMilliseconds - quiet;
        IsIdleTimeExact = quiet <= MostInexactMilliseconds;
    }

    void IConnectionWatcher.OnConnectionEvent(TransportConnection connection, ConnectionEvent what) =>
        pool.OnEvent(this, what);
}
