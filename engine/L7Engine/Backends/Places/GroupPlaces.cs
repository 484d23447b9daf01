using System.Diagnostics;

namespace L7Engine.Backends.Places;

/// <summary>The places at the backends of one group, and the requests of all loops that wait for one.</summary>
/// <remarks>
/// Thread-safe. While a backend has a place, a request takes it with one interlocked operation and gives it back with
/// another; the lock is touched only when all are full. A place that is given back goes to whoever waits, and never
/// becomes free in between, so that nobody who comes later can have it first.
/// </remarks>
internal sealed class GroupPlaces(Backend[] backends)
{
    private readonly Lock _lock = new();
    private readonly FairQueue _queue = new();
    private volatile Backend[] _backends = backends;
    private int _waiting;

    /// <summary>Requests that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public QueueCounts Counts { get; } = new();

    /// <summary>Another configuration of the group is in force on all loops: those who wait may have new places.
    /// </summary>
    public void Apply(Backend[] backends)
    {
        _backends = backends;
        OfferAll();
    }

    /// <summary>Takes a place, or puts the request in the queue.</summary>
    /// <param name="backends">Those that the request may have, as it sees them.</param>
    /// <param name="max">How many may wait.</param>
    /// <returns>Granted, Waiting or Refused.</returns>
    public QueueStep Enter(QueuedRequest request, ReadOnlySpan<Backend> backends, int max)
    {
        QueuedRequest? pushedOut;
        lock (_lock)
        {
            // First the count, then the places: whoever gives one back does the reverse, so that one of us sees the
            // other.
            Interlocked.Increment(ref _waiting);
            if (TryTakeAny(request, backends) || !TryMakeRoomLocked(request, max, out pushedOut))
            {
                Interlocked.Decrement(ref _waiting);
                return request.Step;
            }

            request.Step = QueueStep.Waiting;
            _queue.Add(request);
        }

        Counts.NoteEntered();
        pushedOut?.Wake();
        return QueueStep.Waiting;
    }

    /// <summary>Takes the request out of the queue, unless its wait has ended.</summary>
    /// <returns>How it has ended, whatever came first: a place that it has then is its own.</returns>
    public QueueStep Leave(QueuedRequest request, QueueStep how)
    {
        lock (_lock)
        {
            if (request.Step == QueueStep.Waiting)
            {
                _queue.Remove(request);
                EndLocked(request, how);
            }

            return request.Step;
        }
    }

    /// <summary>Where the request is in this moment.</summary>
    public QueueStep StepOf(QueuedRequest request)
    {
        lock (_lock)
        {
            return request.Step;
        }
    }

    /// <summary>Takes the place that was granted.</summary>
    /// <returns>Null when it was taken back, because nobody seemed to be there.</returns>
    public BackendState? Claim(QueuedRequest request)
    {
        lock (_lock)
        {
            BackendState? place = request.Place;
            request.Place = null;
            return place;
        }
    }

    /// <summary>Gives a place back: to whoever waits, or for anybody.</summary>
    public void Release(BackendState backend)
    {
        if (Waiting > 0 && TryGrant(backend, isHeld: true))
        {
            return;
        }

        backend.ReleasePlace();
        if (Waiting > 0)
        {
            Offer(backend);
        }
    }

    /// <summary>Backends may have places that they had not: after a configuration, or when one is up again.</summary>
    public void OfferAll()
    {
        foreach (Backend backend in _backends)
        {
            Offer(backend.State);
        }
    }

    private void Offer(BackendState backend)
    {
        while (Waiting > 0 && TryGrant(backend, isHeld: false))
        {
        }
    }

    private static bool TryTakeAny(QueuedRequest request, ReadOnlySpan<Backend> backends)
    {
        foreach (Backend backend in backends)
        {
            if (backend.TakesRequests && !request.HasTried(backend.State)
                && backend.State.TryTakePlace(backend.MaxInFlight))
            {
                (request.Step, request.Place) = (QueueStep.Granted, backend.State);
                return true;
            }
        }

        return false;
    }

    // While there is room nobody is refused. When there is none, whoever has more than its share gives way.
    private bool TryMakeRoomLocked(QueuedRequest request, int max, out QueuedRequest? pushedOut)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        pushedOut = null;
        if (_queue.Count < max)
        {
            return true;
        }

        pushedOut = max > 0 ? _queue.TakeSurplus(request.Client) : null;
        if (pushedOut is null)
        {
            request.Step = QueueStep.Refused;
            return false;
        }

        EndLocked(pushedOut, QueueStep.Refused);
        return true;
    }

    /// <param name="isHeld">The place is one that is given back; else it has to be taken first.</param>
    /// <returns>False when it is of use to nobody.</returns>
    private bool TryGrant(BackendState place, bool isHeld)
    {
        QueuedRequest? next;
        lock (_lock)
        {
            next = FindNextLocked(place, isHeld);
            if (next is null)
            {
                return false;
            }

            _queue.Take(next);
            next.Place = place;
            EndLocked(next, QueueStep.Granted);
        }

        if (!next.Wake() && Claim(next) is not null)
        {
            // The loop of the request has ended before it was told: nobody else will give the place back.
            Release(place);
        }

        return true;
    }

    private QueuedRequest? FindNextLocked(BackendState place, bool isHeld)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (Find(place) is not { TakesRequests: true } backend || _queue.FindNext(place) is not { } next)
        {
            return null;
        }

        // Fewer may be configured by now than were taken.
        int max = backend.MaxInFlight;
        bool mayHave = isHeld ? max == 0 || place.InFlight <= max : place.TryTakePlace(max);
        return mayHave ? next : null;
    }

    // None when the backend is configured no more.
    private Backend? Find(BackendState state)
    {
        foreach (Backend backend in _backends)
        {
            if (backend.State == state)
            {
                return backend;
            }
        }

        return null;
    }

    private void EndLocked(QueuedRequest request, QueueStep how)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        request.Step = how;
        Interlocked.Decrement(ref _waiting);
    }
}
