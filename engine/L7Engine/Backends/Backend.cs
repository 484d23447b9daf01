using System.Net;
using System.Text;
using L7Engine.Backends.Names;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>One address that requests are sent to, as one configuration describes it to all loops.</summary>
/// <remarks>Immutable: any thread may read it. What changes is in the pool that each loop has for it.</remarks>
internal sealed class Backend
{
    public Backend(
        int index, int number, BackendGroupOptions group, BackendOptions options, Timeouts timeouts, BackendState state)
    {
        Index = index;
        Number = number;
        GroupName = group.Name;
        Address = (IPEndPoint)options.Address;
        Name = options.Name is null ? null : NameKey.Of(group.Name, options.Name);
        Weight = options.Weight;
        MaxInFlight = options.MaxConnections;
        State = state;
        Authority = Encoding.ASCII.GetBytes(options.Authority ?? Address.ToString());
        Pool = group.Pool;
        IdleTicks = TimerWheel.TicksOf(group.Pool.IdleTimeout);
        CloseWait = timeouts.BackendCloseWait;
        CloseWaitTicks = TimerWheel.TicksOf(CloseWait);
        MaxAgeMilliseconds = (long)group.Pool.MaxAge.TotalMilliseconds;
        UnrepeatableReuse = (long)group.Pool.NonIdempotentReuse.TotalMilliseconds;
        KeepAlive = TcpKeepAlive.Of(group.Pool.TcpKeepAlive);
    }

    /// <summary>Place among all backends of the configuration.</summary>
    public int Index { get; }

    /// <summary>Names it for good: the same group and address keep it while they are configured.</summary>
    public int Number { get; }

    public string GroupName { get; }

    public IPEndPoint Address { get; }

    /// <summary>What the address was resolved from; null when it was configured.</summary>
    public NameKey? Name { get; }

    public int Weight { get; }

    /// <summary>Exchanges that it may have at a time, over all loops; 0 for no limit.</summary>
    public int MaxInFlight { get; }

    /// <summary>What all loops share of it, whatever is configured.</summary>
    public BackendState State { get; }

    /// <summary>True when a request that nothing binds to it may be sent to it.</summary>
    public bool TakesRequests => Weight > 0 && State.Health.TakesRequests;

    /// <summary>True when a request may be sent to it that is bound to it: with weight 0, too, so that its sessions can
    /// run out.</summary>
    public bool TakesBound => State.Health.TakesRequests;

    /// <summary>True when it has a place for one more exchange; another loop may take it first.</summary>
    public bool HasPlace => MaxInFlight == 0 || State.InFlight < MaxInFlight;

    /// <summary>Sent as Host when the client sent none.</summary>
    public byte[] Authority { get; }

    public PoolOptions Pool { get; }

    /// <summary>False when every request gets a connection of its own.</summary>
    public bool PoolsConnections => Pool.Enabled;

    /// <summary>Idle connections that one loop keeps.</summary>
    public int MaxIdle => Pool.MaxIdle;

    public long IdleTicks { get; }

    /// <summary>How long a connection that was told to close may take to do so; 0 closes it at once.</summary>
    public TimeSpan CloseWait { get; }

    public long CloseWaitTicks { get; }

    /// <summary>0 for no limit.</summary>
    public long MaxAgeMilliseconds { get; }

    /// <summary>How long a connection may have been idle for a request that is sent only once; in milliseconds.
    /// </summary>
    public long UnrepeatableReuse { get; }

    public TcpKeepAlive KeepAlive { get; }
}
