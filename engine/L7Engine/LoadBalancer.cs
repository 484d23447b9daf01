using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using L7Engine.Clients;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace L7Engine;

/// <summary>A load balancer for HTTP/1.x: accepts clients, and sends their requests to backends.</summary>
/// <remarks>Thread-safe. Made, started, drained and disposed once.</remarks>
public sealed class LoadBalancer : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly ITransport _transport;
    private readonly TimeProvider _time;
    private readonly Snapshot _snapshot;
    private readonly ClientTable[] _clients;
    private readonly Random _random;
    private readonly Lock _starting = new();
    private readonly CloseSubscribers _subscribers;
    private ClientLoop[] _loops = [];
    private Capacity? _capacity;
    private EngineMeter? _meter;
    private IPEndPoint[] _addresses = [];
    private long _startedTimestamp;
    private Task<DrainResult>? _drain;
    private bool _isDisposed;

    /// <param name="options">The configuration.</param>
    /// <param name="loggerFactory">Where log events go; null logs nothing.</param>
    /// <exception cref="ConfigurationException">The configuration breaks rules; all of them are listed.</exception>
    public LoadBalancer(LoadBalancerOptions options, ILoggerFactory? loggerFactory = null)
        : this(options, loggerFactory, Transports.Default, TimeProvider.System, Random.Shared)
    {
    }

    internal LoadBalancer(
        LoadBalancerOptions options,
        ILoggerFactory? loggerFactory,
        ITransport transport,
        TimeProvider time,
        Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<ConfigurationError> errors = options.Validate();
        if (errors.Count > 0)
        {
            throw new ConfigurationException(errors);
        }

        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("L7Engine");
        (_transport, _time, _random) = (transport, time, random);
        _snapshot = new Snapshot(options, new ViaToken());
        _clients = [.. options.Listeners.Select(_ => new ClientTable())];
        _subscribers = new CloseSubscribers(LoopCount);
    }

    /// <summary>Where it listens: the real ports, where port 0 was asked for; in the order of the listeners.</summary>
    /// <value>Empty before the start.</value>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => _addresses;

    /// <summary>The clients of each listener, in the order of the listeners.</summary>
    internal IReadOnlyList<ClientTable> Clients => _clients;

    private int LoopCount => _snapshot.Options.Loops > 0 ? _snapshot.Options.Loops : Environment.ProcessorCount;

    /// <summary>Opens the listeners and serves until drained or disposed.</summary>
    /// <returns>Done once every listener accepts.</returns>
    /// <exception cref="ListenException">An address is in use, or not ours; nothing was started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_loops.Length > 0)
            {
                throw new InvalidOperationException("It was started before.");
            }

            _loops = CreateLoops();
            _subscribers.Attach([.. _loops.Select(loop => loop.Worker.Ledger)]);
        }

        EngineLog.CapacityTold(
            _logger, _capacity!.MaxConnections, _capacity.MaxBufferBytes >> 20, _capacity.MemoryBytes >> 20);

        _startedTimestamp = _time.GetTimestamp();
        try
        {
            await ListenAsync();
        }
        catch (ListenException)
        {
            PostToAll(loop => loop.Stop());
            await StopLoopsAsync();
            throw;
        }

        _meter = new EngineMeter(
            [.. _loops.Select(l => l.Worker.Counters)], [.. _loops.Select(l => l.Worker.Ledger)],
            RandomNumberGenerator.GetHexString(8, lowercase: true));
        await LeaveLoop();
    }

    /// <summary>Accepts no more, lets open exchanges end, then closes what is left.</summary>
    /// <param name="deadline">How long exchanges may take; null is <see cref="Timeouts.Drain"/>, 0 is no time.</param>
    /// <param name="cancellationToken">Brings the deadline forward to the moment of its cancellation.</param>
    /// <returns>Done once no client connection is open.</returns>
    public async Task<DrainResult> DrainAsync(TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        Task<DrainResult> drain;
        lock (_starting)
        {
            drain = _drain ??= BeginDrainAsync(deadline ?? _snapshot.Options.Timeouts.Drain);
        }

        await using CancellationTokenRegistration forward = cancellationToken.Register(
            () => PostToAll(loop => loop.Cut(CloseReason.DrainDeadline)));
        DrainResult result = await drain;
        await LeaveLoop();
        return result;
    }

    /// <summary>Takes a picture of what it does. Blocks nothing.</summary>
    public LoadBalancerStatus GetStatus() => StatusPicture.Of(
        [.. _loops.Select(loop => loop.Worker)],
        _startedTimestamp == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_startedTimestamp),
        isDraining: _drain is not null,
        nowMilliseconds: (long)_time.GetElapsedTime(0).TotalMilliseconds) with
    {
        MaxClientConnections = _capacity?.MaxConnections ?? 0,
        MaxBufferBytes = _capacity?.MaxBufferBytes ?? 0,
        ImpliedMemoryBytes = _capacity?.MemoryBytes ?? 0,
    };

    /// <summary>Asks each loop for the closes that it remembers, on both sides.</summary>
    /// <param name="max">The most to give, from 1 on; <see cref="Limits.LedgerEntriesPerLoop"/> bounds it, too.</param>
    /// <returns>The newest first. Before the start, none; after the end, the last ones.</returns>
    public async Task<IReadOnlyList<CloseRecord>> GetClosedAsync(int max = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        CloseEntry[][] entries = await AskAllAsync(loop => loop.Worker.Ledger.CopyNewest(max));
        await LeaveLoop();
        return CloseRecords.Merge(entries, max);
    }

    /// <summary>Subscribes to the closes from here on, on both sides; also before the start.</summary>
    /// <param name="capacity">Closes of each loop that may wait for the reader, from 1 on; past it they are lost.
    /// </param>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public CloseSubscription SubscribeToCloses(int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        return _subscribers.Add(capacity);
    }

    /// <summary>Closes everything at once and ends the loops. Drain first to lose no request.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_starting)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        PostToAll(loop => loop.Stop());
        await StopLoopsAsync();
        _subscribers.End();
        _meter?.Dispose();
    }

    private ClientLoop[] CreateLoops()
    {
        int count = LoopCount;
        Limits limits = _snapshot.Limits;
        var capacity = Capacity.Of(limits, _transport, count, _snapshot.Listeners.Length);
        int maxTunnels = limits.MaxTunnels > 0 ? limits.MaxTunnels : capacity.MaxConnections / 2;
        var places = new ClientPlaces(capacity.MaxConnections, count);
        var loops = new ClientLoop[count];
        for (int i = 0; i < count; i++)
        {
            EventLoop loop = _transport.CreateLoop(new LoopSettings(i, capacity.MaxBufferBytes / count, _time));
            var worker = new Worker(loop, _snapshot, ShareOf(maxTunnels, count), _logger, _random.Next())
            {
                MaxClients = capacity.MaxConnections,
            };
            loop.Faulted = bug => worker.ReportBug(bug, default);
            int number = i;
            loop.Stalled = milliseconds => worker.ReportStall(number, milliseconds);
            loops[i] = new ClientLoop(worker, places);
        }

        _capacity = capacity;
        return loops;
    }

    private static int ShareOf(int total, int loops) => (total + loops - 1) / loops;

    // The first loop binds and learns the ports; the others join it there.
    private async Task ListenAsync()
    {
        var addresses = new IPEndPoint[_snapshot.Listeners.Length];
        for (int i = 0; i < _loops.Length; i++)
        {
            bool isSibling = i > 0;
            await AskAsync(_loops[i], loop =>
            {
                for (int j = 0; j < addresses.Length; j++)
                {
                    IPEndPoint address = isSibling ? addresses[j] : _snapshot.Listeners[j].Options.Address;
                    addresses[j] = Listen(loop, j, address, isSibling);
                }

                return addresses;
            });
        }

        _addresses = addresses;
        for (int j = 0; j < addresses.Length; j++)
        {
            EngineLog.ListenerStarted(_logger, _snapshot.Listeners[j].Options.Name, addresses[j]);
        }
    }

    private IPEndPoint Listen(ClientLoop loop, int listener, IPEndPoint address, bool isSibling)
    {
        try
        {
            return loop.Listen(_snapshot.Listeners[listener], _clients[listener], address, isSibling);
        }
        catch (SocketException refused)
        {
            throw new ListenException(address, refused.SocketErrorCode);
        }
    }

    private async Task<DrainResult> BeginDrainAsync(TimeSpan deadline)
    {
        EngineLog.DrainStarted(_logger, GetStatus().ClientConnectionsOpen, deadline);
        long ticks = TimerWheel.TicksOf(deadline);
        DrainResult[] results = await Task.WhenAll(_loops.Select(loop => DrainLoopAsync(loop, ticks)));
        var result = new DrainResult(results.Sum(r => r.ClosedInTime), results.Sum(r => r.CutAtDeadline));
        EngineLog.DrainFinished(_logger, result.ClosedInTime, result.CutAtDeadline);
        return result;
    }

    private static Task<DrainResult> DrainLoopAsync(ClientLoop loop, long deadlineTicks)
    {
        var done = new TaskCompletionSource<DrainResult>();
        bool runs = loop.Worker.Loop.Post(_ => loop.Drain(deadlineTicks, done.SetResult), null);
        return runs ? done.Task : Task.FromResult(default(DrainResult));
    }

    private void PostToAll(Action<ClientLoop> work)
    {
        foreach (ClientLoop loop in _loops)
        {
            _ = loop.Worker.Loop.Post(_ => work(loop), null);
        }
    }

    private Task<T[]> AskAllAsync<T>(Func<ClientLoop, T> question) =>
        Task.WhenAll(_loops.Select(loop => AskAsync(loop, question)));

    // A loop that has ended touches nothing of its own any more: then the asker may.
    private static Task<T> AskAsync<T>(ClientLoop loop, Func<ClientLoop, T> question)
    {
        var answer = new TaskCompletionSource<T>();
        bool runs = loop.Worker.Loop.Post(
            _ =>
            {
                try
                {
                    answer.SetResult(question(loop));
                }
                catch (Exception refused)
                {
                    answer.SetException(refused);
                }
            },
            null);
        return runs ? answer.Task : Task.FromResult(question(loop));
    }

    // A caller's code that follows an await must not run on a loop: it may block. A loop is known by its context; in a
    // simulation there is none, and leaving it would leave its order.
    private static ConfiguredTaskAwaitable LeaveLoop() => Task.CompletedTask.ConfigureAwait(
        SynchronizationContext.Current is null ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.ForceYielding);

    private Task StopLoopsAsync() => Task.WhenAll(_loops.Select(loop => loop.Worker.Loop.StopAsync()));
}
