using System.Diagnostics.Metrics;

namespace L7Engine.Diagnostics;

/// <summary>How many backends of a group are in one state.</summary>
internal readonly record struct BackendLevel(string Group, string State, int Count);

/// <summary>The counters of all loops as instruments of the meter <c>L7Engine</c>.</summary>
/// <remarks>
/// Instruments are observed: a collector reads what the loops count anyway, and without one they cost nothing. Several
/// engines in a process have a meter each, told apart by the tag <c>l7engine.instance</c>.
/// </remarks>
internal sealed class EngineMeter : IDisposable
{
    public const string Name = "L7Engine";

    private readonly Meter _meter;
    private readonly LoopCounters[] _loops;
    private readonly CloseLedger[] _ledgers;
    private readonly HealthTotals _health;
    private readonly Func<IEnumerable<BackendLevel>> _backends;

    /// <param name="backends">Looks how the backends are now; from any thread.</param>
    public EngineMeter(
        LoopCounters[] loops, CloseLedger[] ledgers, HealthTotals health, Func<IEnumerable<BackendLevel>> backends,
        string instance)
    {
        _loops = loops;
        _ledgers = ledgers;
        _health = health;
        _backends = backends;
        _meter = new Meter(new MeterOptions(Name) { Tags = [new("l7engine.instance", instance)] });
        AddConnections();
        AddRequests();
        AddHealth();
        AddLoops();
    }

    public void Dispose() => _meter.Dispose();

    private void AddConnections()
    {
        const string Unit = "{connection}";
        Level("l7engine.client.connections.open", Unit, "Client connections open.", LoopCounter.ClientsOpen);
        Level("l7engine.client.connections.idle", Unit, "Those among them without a request.", LoopCounter.ClientsIdle);
        Count("l7engine.client.connections.accepted", Unit, "Client connections ever.", LoopCounter.ClientsAccepted);
        Level("l7engine.backend.connections.open", Unit, "Backend connections open.", LoopCounter.BackendsOpen);
        Level("l7engine.backend.connections.idle", Unit, "Those among them in the pools.", LoopCounter.BackendsIdle);
        Count("l7engine.backend.connections.opened", Unit, "Backend connections ever.", LoopCounter.BackendsOpened);
        Count("l7engine.backend.connections.failed", Unit, "Failed attempts at one.", LoopCounter.BackendsFailed);
        Count("l7engine.backend.reuse.stale", Unit, "Found closed by the next request.", LoopCounter.BackendsStale);
        Count("l7engine.backend.reuse.refused", Unit, "Idle too long for a POST.", LoopCounter.ReusesRefused);
        Level("l7engine.tunnels.open", Unit, "Connections that changed protocol.", LoopCounter.TunnelsOpen);
        Closes("l7engine.client.closes", "Client connections closed.", ConnectionSide.Client);
        Closes("l7engine.backend.closes", "Backend connections closed.", ConnectionSide.Backend);
    }

    private void AddRequests()
    {
        const string Unit = "{request}";
        Count("l7engine.requests", Unit, "Requests whose head was read.", LoopCounter.Requests);
        Level("l7engine.requests.open", Unit, "Requests being served, tunnels included.", LoopCounter.ExchangesOpen);
        Count("l7engine.requests.crossed", Unit, "Came after an idle end in a drain.", LoopCounter.RequestsCrossed);
        Level("l7engine.requests.waiting", Unit, "Waiting for a place at a backend.", LoopCounter.RequestsWaiting);
        Count("l7engine.requests.queued", Unit, "Had to wait for a place at a backend.", LoopCounter.RequestsQueued);
        Tagged("l7engine.queue.failures", Unit, "Answered 503 for want of a place.", "cause",
            ("timeout", LoopCounter.QueueTimeouts), ("refused", LoopCounter.QueueRefusals));
        Tagged("l7engine.requests.reused", Unit, "Requests not the first of their connection.", "side",
            ("client", LoopCounter.RequestsOnReusedClients), ("backend", LoopCounter.RequestsOnReusedBackends));
        Tagged("l7engine.retries", Unit, "Requests sent again.", "cause",
            ("connect", LoopCounter.RetriesAfterConnect), ("unsent", LoopCounter.RetriesUnsent),
            ("stale", LoopCounter.RetriesOnStale), ("fresh", LoopCounter.RetriesOnFresh),
            ("timeout", LoopCounter.RetriesOnTimeout), ("malformed", LoopCounter.RetriesOnMalformed));
        Count("l7engine.retries.refused", Unit, "Not sent again: the budget was spent.", LoopCounter.RetriesRefused);
        Tagged("l7engine.responses", "{response}", "Final responses to clients.", "class",
            ("1xx", LoopCounter.Responses1xx), ("2xx", LoopCounter.Responses2xx), ("3xx", LoopCounter.Responses3xx),
            ("4xx", LoopCounter.Responses4xx), ("5xx", LoopCounter.Responses5xx));
        Tagged("l7engine.engine.responses", "{response}", "Those that the engine made itself.", "class",
            ("1xx", LoopCounter.EngineResponses1xx), ("2xx", LoopCounter.EngineResponses2xx),
            ("3xx", LoopCounter.EngineResponses3xx), ("4xx", LoopCounter.EngineResponses4xx),
            ("5xx", LoopCounter.EngineResponses5xx));
        Tagged("l7engine.client.io", "By", "Bytes exchanged with clients.", "direction",
            ("receive", LoopCounter.ClientBytesReceived), ("transmit", LoopCounter.ClientBytesSent));
        Tagged("l7engine.backend.io", "By", "Bytes exchanged with backends.", "direction",
            ("receive", LoopCounter.BackendBytesReceived), ("transmit", LoopCounter.BackendBytesSent));
    }

    private void AddHealth()
    {
        _meter.CreateObservableUpDownCounter(
            "l7engine.backends", () => _backends().Select(Measure), "{backend}", "Backends, by how they are.");
        Tagged("l7engine.names.resolutions", "{resolution}", "Resolutions of the names of backends.", "result",
            ("ok", HealthCounter.NamesResolved), ("failed", HealthCounter.NamesNotResolved));
        Tagged("l7engine.health.checks", "{check}", "Health checks of backends.", "result",
            ("passed", HealthCounter.ChecksPassed), ("failed", HealthCounter.ChecksFailed));
        Tagged("l7engine.health.changes", "{change}", "Backends that came up, went down or were ejected.", "to",
            ("up", HealthCounter.CameUp), ("down", HealthCounter.WentDown), ("ejected", HealthCounter.Ejections));
        _meter.CreateObservableCounter(
            "l7engine.health.fail_opens", () => _health[HealthCounter.FailOpens], "{time}",
            "A group had no backend that was up.");
    }

    private void AddLoops()
    {
        Count("l7engine.accept.pauses", "{pause}", "Accepting paused: no descriptors.", LoopCounter.AcceptPauses);
        Count("l7engine.loop.stalls", "{stall}", "Turns of a loop that took too long.", LoopCounter.Stalls);
        Count("l7engine.faults", "{fault}", "Bugs that cost a connection each.", LoopCounter.EngineFaults);
        Count("l7engine.policy.faults", "{fault}", "Failures of the embedder's policies.", LoopCounter.PolicyFaults);
    }

    private void Count(string name, string unit, string description, LoopCounter counter) =>
        _meter.CreateObservableCounter(name, () => LoopCounters.Sum(_loops, counter), unit, description);

    private void Level(string name, string unit, string description, LoopCounter counter) =>
        _meter.CreateObservableUpDownCounter(name, () => LoopCounters.Sum(_loops, counter), unit, description);

    private void Tagged(
        string name,
        string unit,
        string description,
        string tag,
        params (string Value, LoopCounter Counter)[] series) =>
        _meter.CreateObservableCounter(
            name,
            () => series.Select(s => Measure(LoopCounters.Sum(_loops, s.Counter), tag, s.Value)),
            unit,
            description);

    private void Tagged(
        string name,
        string unit,
        string description,
        string tag,
        params (string Value, HealthCounter Counter)[] series) =>
        _meter.CreateObservableCounter(
            name, () => series.Select(s => Measure(_health[s.Counter], tag, s.Value)), unit, description);

    // A reason that never occurred is left out: most never do.
    private void Closes(string name, string description, ConnectionSide side) => _meter.CreateObservableCounter(
        name,
        () => from reason in Enum.GetValues<CloseReason>()
              let count = _ledgers.Sum(ledger => ledger.CountOf(side, reason))
              where count > 0
              select Measure(count, "reason", reason.ToString()),
        "{connection}",
        description);

    private static Measurement<long> Measure(BackendLevel level) => new(
        level.Count,
        new KeyValuePair<string, object?>("group", level.Group),
        new KeyValuePair<string, object?>("state", level.State));

    private static Measurement<long> Measure(long value, string tag, string tagValue) =>
        new(value, new KeyValuePair<string, object?>(tag, tagValue));
}
