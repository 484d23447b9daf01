using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Backends.Places;
using L7Engine.Backends.Retries;
using L7Engine.Configuration;
using L7Engine.Diagnostics;

namespace L7Engine.Proxying;

/// <summary>Adds up what the loops have counted.</summary>
internal static class StatusPicture
{
    public static LoadBalancerStatus Of(
        Worker[] workers, Snapshot snapshot, TimeSpan uptime, bool isDraining, long nowMilliseconds)
    {
        LoopCounters[] counters = [.. workers.Select(worker => worker.Counters)];
        long Sum(LoopCounter counter) => LoopCounters.Sum(counters, counter);
        return new LoadBalancerStatus
        {
            Uptime = uptime,
            IsDraining = isDraining,
            Requests = Sum(LoopCounter.Requests),
            ClientConnectionsAccepted = Sum(LoopCounter.ClientsAccepted),
            ClientConnectionsOpen = (int)Sum(LoopCounter.ClientsOpen),
            ClientConnectionsIdle = (int)Sum(LoopCounter.ClientsIdle),
            RequestsOnReusedClientConnections = Sum(LoopCounter.RequestsOnReusedClients),
            BackendConnectionsOpened = Sum(LoopCounter.BackendsOpened),
            BackendConnectsFailed = Sum(LoopCounter.BackendsFailed),
            BackendConnectionsOpen = (int)Sum(LoopCounter.BackendsOpen),
            BackendConnectionsIdle = (int)Sum(LoopCounter.BackendsIdle),
            RequestsOnReusedBackendConnections = Sum(LoopCounter.RequestsOnReusedBackends),
            RequestsInFlight = (int)Math.Max(0, Sum(LoopCounter.ExchangesOpen) - Sum(LoopCounter.TunnelsOpen)),
            PolicyFaults = Sum(LoopCounter.PolicyFaults),
            RequestsCrossed = Sum(LoopCounter.RequestsCrossed),
            Tunnels = (int)Sum(LoopCounter.TunnelsOpen),
            ClientBytesReceived = Sum(LoopCounter.ClientBytesReceived),
            ClientBytesSent = Sum(LoopCounter.ClientBytesSent),
            Responses = ByClass(counters, LoopCounter.Responses1xx),
            EngineResponses = ByClass(counters, LoopCounter.EngineResponses1xx),
            ClientCloses = Closes(workers, ConnectionSide.Client),
            BackendCloses = Closes(workers, ConnectionSide.Backend),
            Backends = workers.Length == 0
                ? []
                : OfBackends([.. workers.Select(worker => worker.Plan)], snapshot, nowMilliseconds),
            Groups = [.. snapshot.Groups.Select(OfGroup)],
            WhatIf = workers.Length == 0
                ? []
                : [.. snapshot.Listeners.Select(l => WhatIfOf(workers, l, nowMilliseconds))],
        };
    }

    private static StatusCount[] ByClass(LoopCounters[] counters, LoopCounter first) =>
        [.. Enumerable.Range(0, 5).Select(i => new StatusCount(i + 1, LoopCounters.Sum(counters, first + i)))
            .Where(responses => responses.Count > 0)];

    private static CloseCount[] Closes(Worker[] workers, ConnectionSide side) =>
        [.. Enum.GetValues<CloseReason>()
            .Select(reason => new CloseCount(reason, workers.Sum(worker => worker.Ledger.CountOf(side, reason))))
            .Where(close => close.Count > 0)];

    private static WhatIfCurve WhatIfOf(Worker[] workers, ListenerPlan listener, long nowMilliseconds)
    {
        string name = listener.Options.Name;
        var sums = GapSums.Of(workers.Select(worker => worker.Gaps.GetValueOrDefault(name)), nowMilliseconds);
        return new WhatIfCurve
        {
            Listener = name,
            IdleTimeout = listener.Persistence.Persists ? listener.Options.KeepAlive.IdleTimeout : TimeSpan.Zero,
            Gaps = (long)Math.Round(sums.GapCount),
            Points = WhatIfEstimate.PointsOf(sums),
        };
    }

    private static GroupStatus OfGroup(GroupPlan group)
    {
        GroupPlaces places = group.State.Places;
        return new GroupStatus
        {
            Name = group.Options.Name,
            RequestsWaiting = places.Waiting,
            RequestsQueued = places.Counts.Entered,
            QueueTimeouts = places.Counts.TimedOut,
            QueueRefusals = places.Counts.Refused,
            QueueLeaves = places.Counts.Left,
            LongestWait = TimeSpan.FromMilliseconds(places.Counts.LongestMilliseconds),
        };
    }

    // A loop may have another configuration for a moment than the one in force: a backend is known by its number.
    private static BackendStatus[] OfBackends(LoopPlan[] plans, Snapshot snapshot, long nowMilliseconds)
    {
        ILookup<int, BackendPool> pools =
            plans.SelectMany(plan => plan.Pools.Concat(plan.Retired)).ToLookup(pool => pool.Backend.Number);
        HashSet<int> configured = [.. snapshot.Backends.Select(backend => backend.Number)];
        IEnumerable<BackendStatus> left = pools.Where(group => !configured.Contains(group.Key))
            .Select(group => OfBackend(group.First().Backend, group, nowMilliseconds, isRemoved: true))
            .Where(status => status.ConnectionsOpen > 0);
        return [.. snapshot.Backends.Select(b => OfBackend(b, pools[b.Number], nowMilliseconds)), .. left];
    }

    private static BackendStatus OfBackend(
        Backend backend, IEnumerable<BackendPool> pools, long nowMilliseconds, bool isRemoved = false)
    {
        BackendHealthState health = backend.State.Health;
        BackendCounts[] counts = [.. pools.Select(pool => pool.Counts)];
        return new BackendStatus
        {
            Group = backend.GroupName,
            Address = backend.Address,
            Name = backend.Name?.Host,
            Weight = isRemoved ? 0 : backend.Weight,
            IsRemoved = isRemoved,
            Requests = counts.Sum(c => c.Requests),
            RequestsInFlight = backend.State.InFlight,
            RequestsOnReusedConnections = counts.Sum(c => c.Reused),
            LearnedIdleTimeout = backend is { Pool.LearnIdleTimeout: true, State.IdleDeadline.Value: > 0 and var ms }
                ? TimeSpan.FromMilliseconds(ms)
                : null,
            IdleConnectionsClosedFirst = counts.Sum(c => c.ClosedFirst),
            ReusesRefused = counts.Sum(c => c.ReuseRefused),
            StaleReuses = counts.Sum(c => c.Stale),
            ConnectionsOpened = counts.Sum(c => c.Opened),
            ConnectionsOpen = counts.Sum(c => c.Open),
            ConnectionsIdle = counts.Sum(c => c.Idle),
            ConnectFailures = counts.Sum(c => c.ConnectFailures),
            RetriesAfterConnect = counts.Sum(c => c.Retries[RetryCause.Connect]),
            RetriesUnsent = counts.Sum(c => c.Retries[RetryCause.Unsent]),
            RetriesOnStale = counts.Sum(c => c.Retries[RetryCause.Stale]),
            RetriesOnFresh = counts.Sum(c => c.Retries[RetryCause.Fresh]),
            RetriesOnTimeout = counts.Sum(c => c.Retries[RetryCause.Timeout]),
            RetriesOnMalformed = counts.Sum(c => c.Retries[RetryCause.Malformed]),
            RetriesRefused = counts.Sum(c => c.Retries[RetryCause.Refused]),
            Health = health.Health,
            HealthCause = health.Cause,
            HealthAge = TimeSpan.FromMilliseconds(Math.Max(0, nowMilliseconds - health.SinceMilliseconds)),
            IsDrained = health.IsDrained,
            GetsRequests = !isRemoved && backend.TakesRequests,
            WeightShare = health.Share,
            Failures = health.Counts.Failures,
            ConsecutiveFailures = health.ConsecutiveFailures,
            LastFailure = health.Counts.LastFailure,
            Ejections = health.Counts.Ejections,
            ChecksPassed = health.Counts.ChecksPassed,
            ChecksFailed = health.Counts.ChecksFailed,
            LastCheck = health.Counts.LastCheck,
            LastCheckStatus = health.Counts.LastCheckStatus,
        };
    }
}
