using L7Engine.Backends;
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

    private readonly int _maxTunnels;
    private readonly ObjectPool<Exchange> _exchanges;
    private readonly byte[] _date = new byte[HttpDate.Bytes];
    private long _dateSecond = -1;
    private byte[] _scratch = new byte[BlockPool.RelayBytes];

    public Worker(EventLoop loop, Snapshot snapshot, int maxTunnels, ILogger logger, int seed)
    {
        Loop = loop;
        Snapshot = snapshot;
        Logger = logger;
        _maxTunnels = maxTunnels;
        Ledger = new CloseLedger(snapshot.Limits.LedgerEntriesPerLoop);
        Pools = [.. snapshot.Backends.Select(backend => new BackendPool(backend, loop, Ledger, Counters))];
        Balancers = [.. snapshot.Groups.Select(group =>
            new SmoothWeightedRoundRobin([.. group.Backends.Select(b => b.Weight)], seed & int.MaxValue))];
        _exchanges = new DefaultObjectPool<Exchange>(new ExchangePolicy(this), maximumRetained: 1024);
    }

    public EventLoop Loop { get; }

    public Snapshot Snapshot { get; }

    public ILogger Logger { get; }

    public CloseLedger Ledger { get; }

    public LoopCounters Counters { get; } = new();

    /// <summary>By the index of the backend.</summary>
    public BackendPool[] Pools { get; }

    /// <summary>By the index of the group.</summary>
    public SmoothWeightedRoundRobin[] Balancers { get; }

    /// <summary>The head that is being looked at; never held over an await.</summary>
    public RequestHead RequestHead { get; } = new();

    /// <summary>The head that is being looked at; never held over an await.</summary>
    public ResponseHead ResponseHead { get; } = new();

    public bool IsDraining { get; set; }

    /// <summary>The view of a client's bytes while its head is looked at; never held over an await.</summary>
    public Inlet HeadInlet { get; } = new();

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
            _scratch = new byte[leastBytes];
        }

        return _scratch;
    }

    /// <returns>The index of the route, or -1.</returns>
    public int FindRoute(RequestHead head, ReadOnlySpan<byte> received)
    {
        RouteTable table = Snapshot.RouteTable;
        if (table.IsCatchAll)
        {
            return 0;
        }

        ReadOnlySpan<byte> target = head.PathAndQuery.Of(received);
        Span<byte> path = Scratch(target.Length + 1);
        int length = RoutingPath.Normalise(target, path);
        return table.Find(head.Authority.Of(received), path[..length]);
    }

    /// <returns>False when as many tunnels are open as may be.</returns>
    public bool TryOpenTunnel()
    {
        if (Counters[LoopCounter.TunnelsOpen] >= _maxTunnels)
        {
            return false;
        }

        Counters.Add(LoopCounter.TunnelsOpen);
        return true;
    }

    public void CloseTunnel() => Counters.Add(LoopCounter.TunnelsOpen, -1);

    /// <summary>A bug costs one connection and is told; the loop goes on.</summary>
    public void ReportBug(Exception bug, ConnectionId connection)
    {
        Counters.Add(LoopCounter.EngineFaults);
        EngineLog.ConnectionFaulted(Logger, bug, connection);
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

    private sealed class ExchangePolicy(Worker worker) : PooledObjectPolicy<Exchange>
    {
        public override Exchange Create() => new(worker);

        public override bool Return(Exchange obj) => true;
    }
}
