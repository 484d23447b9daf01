using L7Engine.Backends.Health;
using L7Engine.Backends.Names;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using Microsoft.Extensions.Logging;

namespace L7Engine.Clients;

/// <summary>The configuration in force, where it listens, and how another one takes its place.</summary>
/// <remarks>Thread-safe: any thread may read, and changes are made one after the other.</remarks>
internal sealed class Changes
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ChangeQueue _applies = new();
    private readonly ChangeQueue _queue = new();
    private volatile Snapshot _snapshot;
    private volatile BoundListener[] _bound = [];
    private volatile bool _isDraining;
    private volatile bool _isDisposed;
    private LoopSet _loops = LoopSet.None;
    private Capacity? _capacity;
    private HealthWatch? _health;
    private int _isFollowingNames;

    /// <param name="resolve">How names of backends become addresses.</param>
    public Changes(
        LoadBalancerOptions options, ResolveName resolve, HealthTotals totals, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        Names = new ConfiguredNames(
            options, new NameSource(resolve, time, logger, () => _ = FollowNamesAsync()) { Totals = totals });
        _snapshot = new Snapshot(Names.Resolve([]), new ViaToken());
        Drains = new Drains(_queue, time, logger);
    }

    public Snapshot Snapshot => _snapshot;

    /// <summary>In the order of the configuration; empty before the start.</summary>
    public BoundListener[] Bound => _bound;

    public ConfiguredNames Names { get; }

    public Drains Drains { get; }

    /// <summary>True from when everything is to be drained: no configuration takes the place of this one.</summary>
    public bool IsDraining => _isDraining;

    private long NowMilliseconds => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Says what the configuration is put in force on. Once, before <see cref="ListenAsync"/>.</summary>
    public void Attach(LoopSet loops, Capacity capacity, HealthWatch health) =>
        (_loops, _capacity, _health) = (loops, capacity, health);

    /// <summary>Opens the listeners; if that fails, the loops end, and no change finds them any more.</summary>
    /// <returns>Done once every one of them accepts.</returns>
    public async Task ListenAsync(CancellationToken cancellationToken) =>
        _bound = await _queue.RunAsync(async () =>
        {
            try
            {
                return await ListenInTurnAsync(cancellationToken);
            }
            catch
            {
                LoopSet loops = _loops;
                _loops = LoopSet.None;
                Names.Dispose();
                await loops.StopAsync();
                throw;
            }
        });

    /// <summary>Tells the log where it listens.</summary>
    public void TellOfListeners() => LogListening(_bound);

    /// <summary>Puts another configuration in force, as a whole or not at all.</summary>
    /// <returns>Done once every loop serves by it.</returns>
    public Task<ApplyResult> ApplyAsync(LoadBalancerOptions options) =>
        _applies.RunAsync(() => ApplyAndKeepAsync(options));

    /// <summary>An order to drain one listener, which is open no more. In the turn of a change alone.</summary>
    /// <exception cref="ArgumentException">No listener of this name is open.</exception>
    public DrainOrder OrderToStop(string listener, TimeSpan? deadline)
    {
        BoundListener bound = Array.Find(_bound, b => b.Plan.Options.Name == listener)
            ?? throw new ArgumentException($"No listener named \"{listener}\" is open.", nameof(listener));
        DrainOrder order = OrderOf(deadline, bound.Plan);
        _bound = [.. _bound.Where(b => b != bound)];
        return order;
    }

    public DrainOrder OrderOf(TimeSpan? deadline, ListenerPlan? listener = null, PeerAddress? client = null)
    {
        Timeouts timeouts = _snapshot.Options.Timeouts;
        TimeSpan until = deadline ?? timeouts.Drain;
        ArgumentOutOfRangeException.ThrowIfLessThan(until, TimeSpan.Zero, nameof(deadline));
        return new DrainOrder(until, timeouts.DrainSpread) { Listener = listener, Client = client };
    }

    /// <summary>Everything drains: no more configurations.</summary>
    public void EndWithDrain() => _isDraining = true;

    /// <summary>The engine was disposed: no more changes.</summary>
    public void End()
    {
        _isDisposed = true;
        Names.Dispose();
    }

    private async Task<BoundListener[]> ListenInTurnAsync(CancellationToken cancellationToken)
    {
        await Names.PrepareAsync().WaitAsync(cancellationToken);
        await ApplyNamesAsync();
        _health!.Apply(_snapshot.WatchedGroups, NowMilliseconds);
        var change = new ListenerChange([], _snapshot.Listeners);
        BoundListener[] opened = await _loops.OpenAsync(change.Added);
        await _loops.RunAsync(loop => loop.Accept());
        return change.Bind(opened);
    }

    // What it waits for, names and addresses, it waits for outside its turn: a drain does not.
    private async Task<ApplyResult> ApplyAndKeepAsync(LoadBalancerOptions options)
    {
        ThrowUnlessServing();
        try
        {
            await (options.Validate().Count > 0 ? Task.CompletedTask : Names.PrepareAsync(options));
            ApplyResult? result;
            Task isFree = Task.CompletedTask;
            while ((result = await _queue.RunAsync(() => TryApplyInTurnAsync(options, out isFree))) is null)
            {
                await isFree;
                ThrowUnlessServing();
            }

            return result.Value;
        }
        finally
        {
            Names.Keep();
        }
    }

    /// <param name="isFree">Done when it is worth to try again.</param>
    /// <returns>Null, and nothing is changed, while a listener that is gone has an address that is to be opened.
    /// </returns>
    private Task<ApplyResult?> TryApplyInTurnAsync(LoadBalancerOptions options, out Task isFree)
    {
        ThrowUnlessServing();
        var next = new NextConfiguration(options, _snapshot, _bound, Names);
        if (next.Errors.Count > 0)
        {
            EngineLog.ConfigurationRejected(_logger, string.Join("; ", next.Errors));
            throw new ConfigurationException(next.Errors);
        }

        isFree = Drains.FreeAsync(next.Listeners.Added);
        return isFree.IsCompleted ? ApplyInTurnAsync(options, next) : Task.FromResult<ApplyResult?>(null);
    }

    private async Task<ApplyResult?> ApplyInTurnAsync(LoadBalancerOptions options, NextConfiguration next)
    {
        ListenerChange change = next.Listeners;
        BoundListener[] opened = await _loops.OpenAsync(change.Added);
        int maxTunnels = _capacity!.MaxTunnels(next.Snapshot.Limits);
        _health!.Apply(next.Snapshot.WatchedGroups, NowMilliseconds);
        await _loops.RunAsync(loop => loop.Apply(next.Snapshot, change, maxTunnels));
        next.Snapshot.OfferPlaces();
        ApplyResult result = next.Result();
        (_snapshot, _bound) = (next.Snapshot, change.Bind(opened));
        Names.Keep(options);
        LogListening(opened);
        foreach (BoundListener removed in change.Removed)
        {
            _ = TellOfEndAsync(await Drains.BeginAsync(_loops, OrderOf(null, removed.Plan)), removed);
        }

        EngineLog.ConfigurationApplied(
            _logger, result.ListenersKept, result.ListenersOpened, result.ListenersClosed,
            result.BackendsKept, result.BackendsAdded, result.BackendsRemoved);
        return result;
    }

    private async Task FollowNamesAsync()
    {
        if (Interlocked.Exchange(ref _isFollowingNames, 1) == 1)
        {
            return;
        }

        try
        {
            await _queue.RunAsync(async () =>
            {
                Volatile.Write(ref _isFollowingNames, 0);
                return !_isDisposed && !_isDraining && await ApplyNamesAsync();
            });
        }
        catch (ObjectDisposedException)
        {
            // The loops have ended meanwhile.
        }
    }

    // Of a change of addresses only the backends know.
    private async Task<bool> ApplyNamesAsync()
    {
        Snapshot was = _snapshot;
        Snapshot next = was.WithAddresses(Names.Resolve(_bound.Select(listener => listener.Address)));
        if (next == was)
        {
            return false;
        }

        _health!.Apply(next.WatchedGroups, NowMilliseconds);
        await _loops.RunAsync(loop => loop.Worker.Apply(next, loop.Worker.Plan.MaxTunnels));
        next.OfferPlaces();
        next.ForgetWhatNamesMoved(was);
        _snapshot = next;
        (int kept, int added, int removed) = next.BackendsSince(was);
        EngineLog.NamesApplied(_logger, kept, added, removed);
        return true;
    }

    private void ThrowUnlessServing()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_loops.Count == 0)
        {
            throw new InvalidOperationException("It was not started.");
        }

        if (_isDraining)
        {
            throw new InvalidOperationException("It drains: no configuration can take the place of this one.");
        }
    }

    // Nobody waits for the clients of a listener that a configuration has removed: the log tells of its end.
    private async Task TellOfEndAsync(Task<DrainResult> drain, BoundListener removed)
    {
        await drain;
        EngineLog.ListenerStopped(_logger, removed.Plan.Options.Name, removed.Address);
    }

    private void LogListening(IEnumerable<BoundListener> listeners)
    {
        foreach (BoundListener listener in listeners)
        {
            EngineLog.ListenerStarted(_logger, listener.Plan.Options.Name, listener.Address);
        }
    }
}
