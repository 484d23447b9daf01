using System.Net;
using System.Text;
using L7Engine.Backends.Names;
using L7Engine.Diagnostics;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>One address that requests are sent to, as one configuration describes it to all loops.</summary>
/// <remarks>Immutable: any thread may read it. What changes is in the pool that each loop has for it.</remarks>
internal sealed class Backend
{
    private readonly long _maxAgeMilliseconds;
    private readonly long _ageSpreadMilliseconds;

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
        UnrepeatableReuse = (long)group.Pool.NonIdempotentReuse.TotalMilliseconds;
        _maxAgeMilliseconds =
            group.Pool.MaxAge > TimeSpan.Zero ? (long)group.Pool.MaxAge.TotalMilliseconds : long.MaxValue;
        _ageSpreadMilliseconds = (long)(group.Pool.MaxAge.TotalMilliseconds * group.Pool.MaxAgeJitter);
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

    /// <summary>Idle connections that all loops together keep.</summary>
    public int MaxIdle => Pool.MaxIdle;

    public long IdleTicks { get; }

    /// <summary>How long a connection that was told to close may take to do so; 0 closes it at once.</summary>
    public TimeSpan CloseWait { get; }

    public long CloseWaitTicks { get; }

    /// <summary>How long a connection may have been idle for a request that is sent only once; in milliseconds.
    /// </summary>
    public long UnrepeatableReuse { get; }

    public TcpKeepAlive KeepAlive { get; }

    /// <summary>Whether a connection has reached its own maximum age, the same each time it is asked.</summary>
    /// <param name="seed">Of the loop. What is drawn by it spreads the ends of those that began together.</param>
    public bool IsTooOld(long ageMilliseconds, ConnectionId id, int seed) =>
        ageMilliseconds >= _maxAgeMilliseconds - _ageSpreadMilliseconds
        && ageMilliseconds >= _maxAgeMilliseconds - (long)(id.Draw(seed) % ((ulong)_ageSpreadMilliseconds + 1));

    /// <summary>Whether a connection has had its number of requests.</summary>
    public bool IsUsedUp(int requests) => Pool.MaxRequests > 0 && requests >= Pool.MaxRequests;
}
