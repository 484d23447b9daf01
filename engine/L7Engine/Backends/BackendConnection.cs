using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>One connection to a backend: leased to an exchange, or idle in its pool.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class BackendConnection(BackendPool pool, TransportConnection transport, ConnectionId id)
    : IConnectionWatcher
{
    public TransportConnection Transport { get; } = transport;

    public ConnectionId Id { get; } = id;

    public long OpenedMilliseconds { get; } = transport.Loop.NowMilliseconds;

    public long IdleSinceMilliseconds { get; set; } = transport.Loop.NowMilliseconds;

    /// <summary>Exchanges that used this connection before the one that has it now.</summary>
    public int ExchangeCount { get; private set; }

    /// <summary>Rises with every lease, so that a lease that has ended can do nothing.</summary>
    public uint LeaseNumber { get; private set; }

    /// <summary>True while it waits in its pool for a request.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Neighbours in the pool's list of connections that wait.</summary>
    public BackendConnection? Newer { get; set; }

    public BackendConnection? Older { get; set; }

    /// <summary>What the kernel had taken when the current lease began.</summary>
    public long BytesSentBeforeLease { get; private set; }

    public BackendLease BeginLease()
    {
        BytesSentBeforeLease = Transport.BytesSent;
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

    void IConnectionWatcher.OnConnectionEvent(TransportConnection connection, ConnectionEvent what) =>
        pool.OnEvent(this, what);
}
