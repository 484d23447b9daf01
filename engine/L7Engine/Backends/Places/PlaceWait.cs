using System.Diagnostics;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends.Places;

/// <summary>The wait of one exchange for a place at a backend of its group.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. What other loops do to its request only makes this one look: who has the
/// place is decided under the lock of the group, so that a wait that has ended leaves no place behind.
/// </remarks>
internal sealed class PlaceWait : TimerEntry
{
    private readonly EventLoop _loop;
    private readonly LoopCompletion<bool> _end = new();
    private GroupPlaces? _places;
    private QueueStep _step;
    private long _beganMilliseconds;

    public PlaceWait(EventLoop loop)
    {
        _loop = loop;
        Request = new QueuedRequest(() => loop.Post(static wait => ((PlaceWait)wait!).Look(), this));
    }

    /// <summary>The request as the queue knows it: to be described before each wait.</summary>
    public QueuedRequest Request { get; }

    /// <summary>When it has waited for as long as it may, over all waits of the exchange; 0 before the first.</summary>
    public long EndTick { get; private set; }

    public bool IsWaiting => _step == QueueStep.Waiting;

    /// <summary>True when there was no place at once, and room in the queue.</summary>
    public bool HasWaited { get; private set; }

    /// <summary>How the last wait has ended.</summary>
    public QueueStep Step => _step;

    /// <summary>Milliseconds of the last wait.</summary>
    public long WaitedMilliseconds => _loop.NowMilliseconds - _beganMilliseconds;

    /// <summary>Takes a place at once, or waits for one.</summary>
    /// <param name="backends">Those that the request may have.</param>
    /// <param name="max">How many requests may wait.</param>
    /// <param name="ticks">How long it may wait, over all waits of the exchange.</param>
    public ValueTask<bool> EnterAsync(GroupPlaces places, ReadOnlySpan<Backend> backends, int max, long ticks)
    {
        Debug.Assert(!IsWaiting && !_end.IsPending, "One wait at a time.");
        (_places, _beganMilliseconds) = (places, _loop.NowMilliseconds);
        _step = places.Enter(Request, backends, max);
        HasWaited = IsWaiting;
        if (!IsWaiting)
        {
            return new ValueTask<bool>(true);
        }

        EndTick = EndTick == 0 ? _loop.Wheel.TickAfter(ticks) : EndTick;
        _loop.Wheel.Arm(this, EndTick);
        return _end.WaitAsync();
    }

    /// <summary>Leaves the queue: the client has gone, or was given up.</summary>
    public void Leave() => Leave(QueueStep.Left);

    /// <summary>Takes what the wait has brought.</summary>
    /// <returns>Where the place is; null when there is none.</returns>
    public BackendState? Take()
    {
        Debug.Assert(!IsWaiting);
        _places!.Counts.NoteEnd(_step, WaitedMilliseconds);
        BackendState? place = _step == QueueStep.Granted ? _places.Claim(Request) : null;
        Request.Clear();
        return place;
    }

    /// <summary>Nobody takes what the wait brings.</summary>
    /// <returns>A place that it has brought already; null for none.</returns>
    public BackendState? Abandon()
    {
        Leave();
        return _places?.Claim(Request);
    }

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear()
    {
        Debug.Assert(!IsWaiting);
        (EndTick, _step) = (0, QueueStep.None);
    }

    protected internal override void OnDue() => Leave(QueueStep.TimedOut);

    private void Leave(QueueStep how)
    {
        if (IsWaiting)
        {
            // A place that was granted in this very moment is its own.
            End(_places!.Leave(Request, how));
            _loop.Defer(static wait => ((PlaceWait)wait!).Complete(), this);
        }
    }

    // Another loop has done something to the request, or has in an earlier wait.
    private void Look()
    {
        if (IsWaiting && _places!.StepOf(Request) is not QueueStep.Waiting and var step)
        {
            End(step);
            Complete();
        }
    }

    private void End(QueueStep step)
    {
        _step = step;
        _loop.Wheel.Remove(this);
    }

    private void Complete()
    {
        if (_end.IsPending && !IsWaiting)
        {
            _end.Complete(true);
        }
    }
}
