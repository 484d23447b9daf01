using System.Collections.Concurrent;
using System.Numerics;
using L7Engine.Backends;
using L7Engine.Backends.Names;
using L7Engine.Balancing;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Routing;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace L7Engine.Proxying;

/// <summary>Everything that one loop owns for its exchanges.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it; other threads read the counters.</remarks>
internal sealed class Worker
{
    /// <summary>What of a body nobody wants any more is read, rather than closing the client's connection.</summary>
    public const int MaxUnwantedBytes = 64 * 1024;

    private const int MillisecondsBetweenLines = 1_000;
    private const int LeastScratchBytes = 4 * 1024;

    private readonly ObjectPool<Exchange> _exchanges;
    private readonly byte[] _date = new byte[HttpDate.Bytes];
    private readonly int _number;
    private long _dateSecond = -1;
    private long _untoldPolicyFaults;
    private long _policyFaultToldMilliseconds = -MillisecondsBetweenLines;
    private volatile LoopPlan _plan;
    private byte[] _scratch = [];

    public Worker(EventLoop loop, int number, Snapshot snapshot, int maxTunnels, ILogger logger, int seed)
    {
        Loop = loop;
        _number = number;
        Logger = logger;
        Seed = seed & int.MaxValue;
        Ledger = new CloseLedger(snapshot.Limits.LedgerEntriesPerLoop);
        BackendPool[] pools = [.. snapshot.Backends.Select(NewPool)];
        _plan = new LoopPlan(
            snapshot, maxTunnels, pools, [], NewBalancers(snapshot), NewAffinities(snapshot));
        _exchanges = new DefaultObjectPool<Exchange>(new ExchangePolicy(this), maximumRetained: 1024);
    }

    public EventLoop Loop { get; }

    /// <summary>The configuration in force. What spans an await reads it once, and keeps what it got.</summary>
    /// <remarks>The loop's thread replaces it; any thread may read it.</remarks>
    public LoopPlan Plan => _plan;

    public ILogger Logger { get; }

    /// <summary>What this loop draws by lot from.</summary>
    public int Seed { get; }

    /// <summary>Client connections that all loops together may have, set or derived.</summary>
    public int MaxClients { get; init; }

    /// <summary>The places of tunnels, of all loops.</summary>
    public SharedPlaces Tunnels { get; init; } = new();

    /// <summary>Is told whether the addresses of names serve; null while there is none to tell.</summary>
    public NameBook? Names { get; set; }

    public CloseLedger Ledger { get; }

    public LoopCounters Counters { get; } = new();

    /// <summary>By the name of the listener. The loop's thread adds, any thread may look.</summary>
    public ConcurrentDictionary<string, GapCounters> Gaps { get; } = new(StringComparer.Ordinal);

    /// <summary>The head that is being looked at; never held over an await.</summary>
    public RequestHead RequestHead { get; } = new();

    /// <summary>The head that is being looked at; never held over an await.</summary>
    public ResponseHead ResponseHead { get; } = new();

    /// <summary>True when what was cut last was cut because its drain took as long as the setting says.</summary>
    public bool IsDrainTimeoutOver { get; set; }

    /// <summary>The view of a client's bytes while its head is looked at; never held over an await.</summary>
    public Inlet HeadInlet { get; } = new();

    /// <summary>
    /// Puts another configuration in force: pools of backends that stay are carried over, those of others drain.
    /// </summary>
    public void Apply(Snapshot snapshot, int maxTunnels)
    {
        LoopPlan before = _plan;
        var kept = before.Pools.ToDictionary(pool => pool.Backend.Number);
        BackendPool[] pools = [.. snapshot.Backends.Select(backend => kept.Remove(backend.Number, out BackendPool? pool)
            ? pool
            : NewPool(backend))];
        foreach (BackendPool removed in kept.Values)
        {
            removed.Drain(CloseReason.Drain);
        }

        foreach (Backend backend in snapshot.Backends)
        {
            pools[backend.Index].Apply(backend);
        }

        BackendPool[] retired = [.. before.Retired.Concat(kept.Values).Where(pool => pool.Counts.Open > 0)];
        _plan = new LoopPlan(snapshot, maxTunnels, pools, retired, NewBalancers(snapshot), NewAffinities(snapshot));
    }

    /// <summary>Closes the connections to one backend that wait for a request.</summary>
    /// <returns>How many that were.</returns>
    public int CloseIdleOf(int backend) => _plan.Pools.Where(pool => pool.Backend.Number == backend)
        .Sum(pool => pool.CloseAllIdle(CloseReason.Drain));

    /// <summary>The Date of this second (RFC 9110 section 5.6.7).</summary>
    public ReadOnlySpan<byte> Date
    {
        get
        {
            DateTimeOffset now = Loop.UtcNow;
            long second = now.ToUnixTimeSeconds();
            if (second != _dateSecond)
            {
                _dateSecond = second;
                HttpDate.Write(now, _date);
            }

            return _date;
        }
    }

    /// <summary>Room to put a head or a trailer section together in; not to be held over an await.</summary>
    public Span<byte> Scratch(int leastBytes)
    {
        if (_scratch.Length < leastBytes)
        {
            // In powers of two, so that it stops growing; most heads never need more than the least.
            _scratch = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(leastBytes, LeastScratchBytes))];
        }

        return _scratch;
    }

    /// <returns>The index of the route, or -1.</returns>
    public int FindRoute(RouteTable table, RequestHead head, ReadOnlySpan<byte> received)
    {
        if (table.IsCatchAll)
        {
            return 0;
        }

        ReadOnlySpan<byte> target = head.PathAndQuery.Of(received);
        Span<byte> path = Scratch(target.Length + 1);
        int length = RoutingPath.Normalise(target, path);
        return table.Find(head.Authority.Of(received), path[..length]);
    }

    public void CountRequest(bool isReused)
    {
        Counters.Add(LoopCounter.Requests);
        if (isReused)
        {
            Counters.Add(LoopCounter.RequestsOnReusedClients);
        }
    }

    /// <returns>False when as many tunnels are open as may be.</returns>
    /// <param name="max">Tunnels that all loops together may have.</param>
    public bool TryOpenTunnel(int max)
    {
        if (!Tunnels.TryTake(max))
        {
            return false;
        }

        Counters.Add(LoopCounter.TunnelsOpen);
        return true;
    }

    public void CloseTunnel()
    {
        Tunnels.Release();
        Counters.Add(LoopCounter.TunnelsOpen, -1);
    }

    /// <summary>A bug costs one connection and is told; the loop goes on.</summary>
    public void ReportBug(Exception bug, ConnectionId connection)
    {
        Counters.Add(LoopCounter.EngineFaults);
        EngineLog.ConnectionFaulted(Logger, bug, connection);
    }

    /// <summary>A bug in a policy of the embedder: round robin serves in its place.</summary>
    public void ReportPolicyFault(string group, Exception fault)
    {
        Counters.Add(LoopCounter.PolicyFaults);
        _untoldPolicyFaults++;
        if (Loop.NowMilliseconds - _policyFaultToldMilliseconds >= MillisecondsBetweenLines)
        {
            EngineLog.PolicyFaulted(Logger, fault, group, _untoldPolicyFaults);
            (_policyFaultToldMilliseconds, _untoldPolicyFaults) = (Loop.NowMilliseconds, 0);
        }
    }

    /// <summary>A turn of the loop took so long that everything on it was late.</summary>
    public void ReportStall(int loop, long milliseconds)
    {
        Counters.Add(LoopCounter.Stalls);
        EngineLog.LoopStalled(Logger, loop, milliseconds);
    }

    public void LogFault(PeerAddress client, ProxyFault fault)
    {
        if (Logger.IsEnabled(LogLevel.Debug))
        {
            string text = fault.ToString();
            EngineLog.ExchangeFailed(Logger, client, text);
        }
    }

    public Exchange RentExchange() => _exchanges.Get();

    public void Return(Exchange exchange) => _exchanges.Return(exchange);

    private IBalancingPolicy[] NewBalancers(Snapshot snapshot) => [.. snapshot.Groups.Select(group => Policies.Of(
        group.Options, group.Backends, _number, Seed, fault => ReportPolicyFault(group.Options.Name, fault)))];

    private static AffinityCookie?[] NewAffinities(Snapshot snapshot) => [.. snapshot.Groups.Select(group =>
        group.Options.Affinity.Enabled ? new AffinityCookie(group.Options, group.Backends) : null)];

    private BackendPool NewPool(Backend backend) => new(backend, Loop, Ledger, Counters) { Seed = Seed };

    private sealed class ExchangePolicy(Worker worker) : PooledObjectPolicy<Exchange>
    {
        public override Exchange Create() => new(worker);

        public override bool Return(Exchange obj) => true;
    }
}
