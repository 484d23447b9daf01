using System.Net;
using L7Engine.Backends.Health;
using L7Engine.Backends.Names;
using L7Engine.Clients;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
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
    private readonly Random _random;
    private readonly Lock _starting = new();
    private readonly CloseSubscribers _subscribers;
    private readonly Changes _changes;
    private readonly HealthTotals _healthTotals = new();
    private LoopSet _loops = LoopSet.None;
    private Capacity? _capacity;
    private EngineMeter? _meter;
    private HealthWatch? _health;
    private BackendDrains? _backendDrains;
    private long _startedTimestamp;
    private DrainOrder? _drainOrder;
    private Task<DrainResult>? _drain;
    private Task? _end;
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
        Random random,
        ResolveName? resolve = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } errors)
        {
            throw new ConfigurationException(errors);
        }

        _logger = new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("L7Engine"));
        (_transport, _time, _random) = (transport, time, random);
        _changes = new Changes(options, resolve ?? NameSource.AskSystemAsync, _healthTotals, time, _logger);
        _subscribers = new CloseSubscribers(LoopCount);
    }

    /// <summary>Where it listens: the real ports, where port 0 was asked for; in the order of the listeners.</summary>
    /// <value>Empty before the start.</value>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => [.. _changes.Bound.Select(listener => listener.Address)];

    /// <summary>The clients of each listener, in the order of the listeners.</summary>
    internal IReadOnlyList<ClientTable> Clients => [.. _changes.Bound.Select(listener => listener.Clients)];

    private long NowMilliseconds => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    private Snapshot Snapshot => _changes.Snapshot;

    private int LoopCount => Snapshot.Options.LoopCount;

    private BackendDrains StartedDrains =>
        _backendDrains ?? throw new InvalidOperationException("It was not started.");

    /// <summary>Opens the listeners and serves until drained or disposed.</summary>
    /// <remarks>
    /// Names of backends are resolved first, for as long as <see cref="NameOptions.Timeout"/>. One that cannot be does
    /// not keep it from serving: what only that name could serve is answered 503 until it can.
    /// </remarks>
    /// <returns>Done once every listener accepts.</returns>
    /// <exception cref="ListenException">
    /// An address is in use, or not ours, or the system has no descriptors left; nothing was started.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It was disposed, perhaps while it was started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_loops.Count > 0 || _drain is not null)
            {
                throw new InvalidOperationException("It was started or drained before.");
            }

            _capacity = Capacity.Of(Snapshot.Limits, _transport, LoopCount, Snapshot.Listeners.Length);
            _loops = LoopSet.Of(Snapshot, _capacity, _transport, _time, _random, _logger);
            Array.ForEach(_loops.Workers, worker => worker.Names = _changes.Names.Book);
            _subscribers.Attach([.. _loops.Workers.Select(worker => worker.Ledger)]);
            HealthWatch health = _loops.CreateHealthWatch(Snapshot, _healthTotals, _logger);
            health.Names = _changes.Names.Book;
            _health = health;
            _backendDrains = new BackendDrains(_loops, health, _time);
            _changes.Attach(_loops, _capacity, health);
        }

        _startedTimestamp = _time.GetTimestamp();
        try
        {
            await _changes.ListenAsync(cancellationToken);
            EngineLog.CapacityTold(
                _logger, _capacity.MaxConnections, _capacity.MaxBufferBytes >> 20, _capacity.MemoryBytes >> 20);
            _changes.TellOfListeners();
            Measure();
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(typeof(LoadBalancer).FullName);
        }
        finally
        {
            await LoopSynchronizationContext.Leave();
        }
    }

    /// <summary>Puts another configuration in force, as a whole or not at all.</summary>
    /// <remarks>
    /// Listeners that stay are never opened anew, and their clients keep their connections, idle or not; other timeouts
    /// reach those that are idle. New listeners are opened first. Those that are gone stop accepting, and their clients
    /// are drained in <see cref="Timeouts.Drain"/>, which this does not wait for. An exchange that has begun ends under
    /// the configuration that it began with. Changes wait for each other, for new names of backends to be resolved, and
    /// for an address that is asked for again while who waits there is let in.
    /// </remarks>
    /// <returns>Done once every loop serves by it.</returns>
    /// <exception cref="ConfigurationException">
    /// It breaks rules, or changes what cannot change while the engine runs: all is listed, and nothing changed.
    /// </exception>
    /// <exception cref="ListenException">A new address cannot be listened on; nothing changed.</exception>
    /// <exception cref="InvalidOperationException">The engine was not started, or drains by now.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, perhaps while this waited.</exception>
    public async Task<ApplyResult> ApplyAsync(LoadBalancerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return await _changes.ApplyAsync(options);
        }
        catch (ObjectDisposedException)
        {
            // Of what has ended inside, its user knows nothing.
            throw new ObjectDisposedException(typeof(LoadBalancer).FullName);
        }
        finally
        {
            await LoopSynchronizationContext.Leave();
        }
    }

    /// <summary>Accepts no more, lets open exchanges end, then closes what is left.</summary>
    /// <param name="deadline">How long exchanges may take; null is <see cref="Timeouts.Drain"/>, 0 is no time.</param>
    /// <param name="cancellationToken">Brings the deadline forward to the moment of its cancellation.</param>
    /// <returns>Done once no client connection is open.</returns>
    /// <remarks>
    /// Every response says close. A connection that is idle ends in its slot of <see cref="Timeouts.DrainSpread"/>, at
    /// most half of the deadline, and not before it was quiet for a second; then in stages. Promised is an answer to
    /// every request of which a byte reached us by then; one that crosses our FIN goes to no backend, and its client
    /// sees the end of the stream before any byte of a response.
    /// </remarks>
    public async Task<DrainResult> DrainAsync(TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        DrainOrder order;
        Task<DrainResult> drain;
        lock (_starting)
        {
            order = _drainOrder ??= _changes.OrderOf(deadline);
            _changes.EndWithDrain();
            drain = _drain ??= _changes.Drains.RunAsync(_loops, order);
        }

        return await Drains.FollowAsync(_loops, order, drain, cancellationToken);
    }

    /// <summary>Stops one listener: accepts no more there, and drains its clients as a drain of all does.</summary>
    /// <param name="listener">Its name.</param>
    /// <param name="deadline">How long exchanges may take; null is <see cref="Timeouts.Drain"/>, 0 is no time.</param>
    /// <param name="cancellationToken">Brings the deadline forward to the moment of its cancellation.</param>
    /// <returns>Done once no client connection of it is open. <see cref="ApplyAsync"/> can open it anew.</returns>
    /// <exception cref="ArgumentException">No listener of this name is open.</exception>
    public Task<DrainResult> DrainListenerAsync(
        string listener, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return _changes.Drains.RunAsync(_loops, () => _changes.OrderToStop(listener, deadline), cancellationToken);
    }

    /// <summary>Drains the connections that one client has; those that it opens meanwhile are served as ever.</summary>
    /// <param name="client">Its address; clients are told apart as for <see cref="ClientCapsOptions"/>.</param>
    /// <param name="deadline">How long exchanges may take; null is <see cref="Timeouts.Drain"/>, 0 is no time.</param>
    /// <param name="cancellationToken">Brings the deadline forward to the moment of its cancellation.</param>
    /// <returns>Done once they are closed.</returns>
    public Task<DrainResult> DrainClientAsync(
        IPAddress client, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var address = PeerAddress.Of(new IPEndPoint(client, 0));
        return _changes.Drains.RunAsync(
            _loops, () => _changes.OrderOf(deadline, client: address), cancellationToken);
    }

    /// <summary>Takes one backend out of service: it gets no new requests, and its idle connections close.</summary>
    /// <param name="group">The group that it is in.</param>
    /// <param name="address">Its address.</param>
    /// <param name="deadline">How long to wait for its requests; null is <see cref="Timeouts.Drain"/>.</param>
    /// <param name="cancellationToken">Ends the waiting, and nothing else.</param>
    /// <returns>Done once it has no request in flight, or at the deadline: what is left then goes on.</returns>
    /// <remarks>
    /// It stays out, whatever configurations are applied, until <see cref="ResumeBackend"/> puts it back, or one has it
    /// no more. It is checked meanwhile. Where all backends of a group are drained, requests are answered 503.
    /// </remarks>
    /// <exception cref="ArgumentException">The configuration in force has no such backend.</exception>
    /// <exception cref="InvalidOperationException">The engine was not started.</exception>
    public Task<BackendDrainResult> DrainBackendAsync(
        string group, IPEndPoint address, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        TimeSpan until = deadline ?? Snapshot.Options.Timeouts.Drain;
        ArgumentOutOfRangeException.ThrowIfLessThan(until, TimeSpan.Zero, nameof(deadline));
        return StartedDrains.DrainAsync(BackendDrains.Find(Snapshot, group, address), until, cancellationToken);
    }

    /// <summary>Puts a backend back that was drained: it gets requests, with its weight as after a recovery.</summary>
    /// <param name="group">The group that it is in.</param>
    /// <param name="address">Its address.</param>
    /// <exception cref="ArgumentException">The configuration in force has no such backend.</exception>
    /// <exception cref="InvalidOperationException">The engine was not started.</exception>
    public void ResumeBackend(string group, IPEndPoint address) =>
        StartedDrains.Resume(BackendDrains.Find(Snapshot, group, address));

    /// <summary>Takes a picture of what it does. Blocks nothing.</summary>
    public LoadBalancerStatus GetStatus() => StatusPicture.Of(
        _loops.Workers,
        Snapshot,
        _startedTimestamp == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_startedTimestamp),
        isDraining: _changes.IsDraining,
        NowMilliseconds) with
    {
        FailOpens = _healthTotals[HealthCounter.FailOpens],
        MaxClientConnections = _capacity?.MaxConnections ?? 0,
        MaxBufferBytes = _capacity?.MaxBufferBytes ?? 0,
        ImpliedMemoryBytes = _capacity?.MemoryBytes ?? 0,
        Names = _changes.Names.Status,
    };

    /// <summary>Asks each loop for the connections that are open, on both sides.</summary>
    /// <returns>
    /// Each as it was when its loop looked at it: a thousand in a turn. What comes or goes meanwhile may be missed.
    /// </returns>
    public async Task<IReadOnlyList<ConnectionStatus>> GetConnectionsAsync()
    {
        List<ConnectionPicture>[] seen = await _loops.SurveyAsync();
        await LoopSynchronizationContext.Leave();
        return ConnectionPicture.ToStatus(seen);
    }

    /// <summary>Asks each loop for the closes that it remembers, on both sides.</summary>
    /// <param name="max">From 1 on; <see cref="Limits.LedgerEntriesPerLoop"/> bounds it, too.</param>
    /// <returns>The newest first; after the end, the last ones.</returns>
    public async Task<IReadOnlyList<CloseRecord>> GetClosedAsync(int max = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        CloseEntry[][] entries = await _loops.AskAsync(loop => loop.Worker.Ledger.CopyNewest(max));
        await LoopSynchronizationContext.Leave();
        return CloseRecords.Merge(entries, max);
    }

    /// <summary>Subscribes to the closes from here on, on both sides; also before the start.</summary>
    /// <param name="capacity">Closes of each loop that may wait for the reader, from 1 on; more are lost.</param>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public CloseSubscription SubscribeToCloses(int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _subscribers.Add(capacity);
        }
    }

    /// <summary>Closes everything at once and ends the loops. Drain first to lose no request.</summary>
    public async ValueTask DisposeAsync()
    {
        Task end;
        lock (_starting)
        {
            _isDisposed = true;
            end = _end ??= EndAsync();
        }

        await end;
    }

    private void Measure()
    {
        lock (_starting)
        {
            // Who disposes it from here on finds the meter.
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _meter = new EngineMeter(
                [.. _loops.Workers.Select(w => w.Counters)], [.. _loops.Workers.Select(w => w.Ledger)], _healthTotals,
                () => BackendLevels.Of(Snapshot.Groups), Entropy.NextHex());
        }
    }

    private async Task EndAsync()
    {
        _changes.End();
        _health?.Stop();
        _loops.Post(loop => loop.Stop());
        await _loops.StopAsync();
        _subscribers.End();
        _meter?.Dispose();
    }
}
