using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Backends.Names;
using L7Engine.Backends.Places;
using L7Engine.Backends.Retries;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Proxying;

/// <summary>Which backend of its group a request is sent to, and its place there: taken, waited for, given back.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class BackendChoice(Worker worker)
{
    private bool[] _tried = [];
    private LoopPlan _plan = null!;
    private int _group;
    private int _bound;
    private ulong _key;
    private ClientKey _client;
    private Backend? _backend;
    private bool _hasPlace;
    private PlaceWait? _wait;
    private BackendVisit _visit;
    private RetryBudget? _retryOf;
    private long _retryMilliseconds;

    /// <summary>The configuration that the backend is of.</summary>
    public LoopPlan Plan => _plan;

    /// <summary>The one that was picked; while a place is waited for, one of those that it may become.</summary>
    public Backend Backend => _backend!;

    public BackendPool Pool => _plan.Pools[Backend.Index];

    /// <summary>True when all backends that are left are full: a place has to be waited for.</summary>
    public bool NeedsPlace { get; private set; }

    /// <summary>True while it is in the queue of its group.</summary>
    public bool IsWaiting => _wait is { IsWaiting: true };

    /// <summary>When it has waited for as long as it may; 0 when it never had to.</summary>
    public long WaitEndTick => _wait?.EndTick ?? 0;

    /// <summary>Ticks of the last wait.</summary>
    public long WaitedTicks => (_wait!.WaitedMilliseconds + TimerWheel.MillisecondsPerTick - 1)
        / TimerWheel.MillisecondsPerTick;

    /// <summary>True when a backend is left that was not tried.</summary>
    public bool HasUntried => _tried.AsSpan(0, Group.Backends.Length).Contains(false);

    public GroupPlan Group => _plan.Snapshot.Groups[_group];

    public QueueOptions Queue => Group.Options.Queue;

    /// <param name="key">What the policy made of the request.</param>
    /// <param name="client">Whose turn it takes, if it has to wait.</param>
    /// <param name="bound">The index of the backend that is asked before the policy; -1 for none.</param>
    public void Begin(LoopPlan plan, int group, ulong key, ClientKey client, int bound)
    {
        (_plan, _group, _key, _client, _bound) = (plan, group, key, client, bound);
        int count = Group.Backends.Length;
        if (_tried.Length < count)
        {
            _tried = new bool[count];
        }

        _tried.AsSpan().Clear();
        plan.Budgets[group].CountRequest(worker.Loop.NowMilliseconds);
    }

    /// <summary>Takes a retry out of the budget of the group. It is given back unless it is made.</summary>
    /// <returns>False when the budget is spent.</returns>
    public bool TryTakeRetry()
    {
        RetryBudget budget = _plan.Budgets[_group];
        _retryMilliseconds = worker.Loop.NowMilliseconds;
        bool isTaken = budget.TryTake(_retryMilliseconds, Group.Options.Retries);
        _retryOf = isTaken ? budget : null;
        return isTaken;
    }

    /// <summary>The retry is made, if one was taken.</summary>
    public void SpendRetry() => _retryOf = null;

    /// <summary>Nothing came of the retry that was taken, if one was.</summary>
    public void GiveRetryBack()
    {
        _retryOf?.GiveBack(_retryMilliseconds, worker.Loop.NowMilliseconds);
        _retryOf = null;
    }

    /// <summary>Picks a backend that was not tried, and takes a place there, or sees that one must be waited for.
    /// </summary>
    /// <returns>False when none is left that takes requests.</returns>
    public bool TryNext()
    {
        GivePlaceBack();
        Backend[] backends = Group.Backends;
        if (TryBound(backends))
        {
            return true;
        }

        // Another loop may have taken the last place in this very moment; then the backend is no candidate any more.
        for (int i = 0; i <= backends.Length; i++)
        {
            var candidates = new BalancingCandidates(backends, _tried.AsSpan(0, backends.Length));
            int picked = _plan.Balancers[_group].Pick(_key, candidates);
            if (picked < 0)
            {
                break;
            }

            if (TryTake(backends, picked))
            {
                return true;
            }
        }

        NeedsPlace = Group.HasPlaces && HasLeft(backends);
        return NeedsPlace;
    }

    /// <summary>Whether the request was, or is, sent to the backend.</summary>
    public bool HasTried(BackendState state)
    {
        int index = IndexOf(Group.Backends, state);
        return index >= 0 && _tried[index];
    }

    /// <summary>Waits until there is a place, or will be none in time.</summary>
    public ValueTask<bool> WaitAsync()
    {
        _wait ??= new PlaceWait(worker.Loop);
        Backend[] backends = Group.Backends;
        for (int i = 0; i < backends.Length; i++)
        {
            if (_tried[i])
            {
                _wait.Request.NoteTried(backends[i].State);
            }
        }

        NeedsPlace = false;
        _wait.Request.Client = _client;
        ValueTask<bool> waiting =
            _wait.EnterAsync(Group.State.Places, backends, Queue.MaxWaiting, Group.QueueTicks);
        if (IsWaiting)
        {
            worker.Counters.Add(LoopCounter.RequestsWaiting);
            worker.Counters.Add(LoopCounter.RequestsQueued);
        }

        return waiting;
    }

    /// <summary>Takes what the wait has brought: a place, or none.</summary>
    public ProxyFault TakePlace()
    {
        if (_wait!.HasWaited)
        {
            worker.Counters.Add(LoopCounter.RequestsWaiting, -1);
        }

        GroupPlaces places = Group.State.Places;
        BackendState? place = _wait.Take();
        if (place is not null && !TryUse(place))
        {
            // It is a backend of a configuration that is over, or not up any more: another one has to be waited for.
            places.Release(place);
            NeedsPlace = true;
        }

        return FaultOf(_wait.Step);
    }

    /// <summary>The backend has sent the head of a response.</summary>
    public void ReportAnswer(int status)
    {
        _visit.Answer(status, worker.Loop.NowMilliseconds);
        if (Backend.Name is null)
        {
            return;
        }

        if (Backend.State.Health.IsFailing)
        {
            AskIfLost();
        }
        else
        {
            LostNames.NoteServes(Backend, worker.Names);
        }
    }

    /// <summary>The backend has failed; None is no failure of its own.</summary>
    public void ReportFailure(RequestFailure failure)
    {
        if (failure != RequestFailure.None)
        {
            _visit.Fail(failure, worker.Loop.NowMilliseconds);
            AskIfLost();
        }
    }

    /// <summary>Where none of the addresses of a name serves, it may have others by now.</summary>
    public void AskIfLost() => LostNames.AskIfLost(Backend, Group.Backends, worker.Names);

    /// <summary>Leaves the queue: nobody is left to wait for an answer.</summary>
    public void Leave() => _wait?.Leave();

    /// <summary>The request needs its backend no more: another may have its place.</summary>
    public void GivePlaceBack()
    {
        if (_hasPlace)
        {
            _hasPlace = false;
            _visit.End();
            Group.State.Places.Release(Backend.State);
        }
    }

    /// <summary>A bug has ended the request in the middle: a place that was granted and not taken goes back, too.
    /// </summary>
    public void Abandon()
    {
        if (_wait?.Abandon() is { } place)
        {
            Group.State.Places.Release(place);
        }

        GivePlaceBack();
        GiveRetryBack();
    }

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear()
    {
        if (_plan is not null)
        {
            GivePlaceBack();
        }

        GiveRetryBack();
        _wait?.Clear();
        (_plan, _backend, NeedsPlace) = (null!, null, false);
    }

    // Once, and at the beginning: a request that has waited goes where there is a place.
    private bool TryBound(Backend[] backends)
    {
        int bound = _bound;
        _bound = -1;
        return bound >= 0 && backends[bound].TakesBound && TryTake(backends, bound);
    }

    private bool TryTake(Backend[] backends, int index)
    {
        BackendState state = backends[index].State;
        if (!state.TryTakePlace(backends[index].MaxInFlight))
        {
            return false;
        }

        bool takes = TryUse(index);
        if (!takes)
        {
            Group.State.Places.Release(state);
        }

        return takes;
    }

    // Once the place is taken: whoever drains the backend in this moment sees the place, or is seen here.
    private bool TryUse(int index)
    {
        BackendHealthState health = Group.Backends[index].State.Health;
        if (!health.TryEnter(out bool isTrial))
        {
            return false;
        }

        _visit = new BackendVisit(health, isTrial);
        _tried[index] = true;
        _hasPlace = true;
        _backend = Group.Backends[index];
        return true;
    }

    // What is left takes requests, and yet was not picked: it is full.
    private bool HasLeft(Backend[] backends)
    {
        for (int i = 0; i < backends.Length; i++)
        {
            if (!_tried[i] && backends[i].TakesRequests)
            {
                _backend ??= backends[i];
                return true;
            }
        }

        return false;
    }

    private ProxyFault FaultOf(QueueStep step)
    {
        switch (step)
        {
            case QueueStep.TimedOut:
                worker.Counters.Add(LoopCounter.QueueTimeouts);
                return ProxyFault.QueueTimedOut;
            case QueueStep.Refused:
                worker.Counters.Add(LoopCounter.QueueRefusals);
                return ProxyFault.QueueFull;
            default:
                return ProxyFault.None;
        }
    }

    private bool TryUse(BackendState place)
    {
        if (_plan != worker.Plan)
        {
            TakePlan(worker.Plan);
        }

        int index = IndexOf(Group.Backends, place);
        return index >= 0 && TryUse(index);
    }

    // A request that has waited goes to the backends that are configured by then. If its group is gone, or has none
    // because its names are not resolved yet, it goes to those that the group had.
    private void TakePlan(LoopPlan plan)
    {
        GroupPlan before = Group;
        int group = Array.FindIndex(plan.Snapshot.Groups, g => g.State == before.State);
        if (group < 0 || plan.Snapshot.Groups[group].Backends.Length == 0)
        {
            return;
        }

        Backend[] backends = plan.Snapshot.Groups[group].Backends;
        _tried = [.. backends.Select(b => IndexOf(before.Backends, b.State) is >= 0 and var i && _tried[i])];
        (_plan, _group) = (plan, group);
        _backend = backends[0];
    }

    private static int IndexOf(Backend[] backends, BackendState state)
    {
        for (int i = 0; i < backends.Length; i++)
        {
            if (backends[i].State == state)
            {
                return i;
            }
        }

        return -1;
    }
}
