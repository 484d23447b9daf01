using System.Diagnostics;
using System.Runtime.InteropServices;
using L7Engine.Diagnostics;

namespace L7Engine.Backends.Places;

/// <summary>Where a request is that had to wait for a place at a backend.</summary>
internal enum QueueStep : byte
{
    /// <summary>In no queue.</summary>
    None,

    Waiting,

    /// <summary>It has a place, which is its own from then on.</summary>
    Granted,

    /// <summary>The queue is full, or became so and its client had the most in it.</summary>
    Refused,

    /// <summary>It has waited for as long as it may.</summary>
    TimedOut,

    /// <summary>Its client has gone, or was given up.</summary>
    Left,
}

/// <summary>A request as the queue of its group knows it.</summary>
/// <remarks>
/// The lock of <see cref="GroupPlaces"/> owns what changes, from the moment it enters until it is told how the wait has
/// ended; before and after that its loop does. It is used again for the next request of the same kind.
/// </remarks>
internal sealed class QueuedRequest
{
    // One that was tried and failed is left alone: mostly none was.
    private readonly List<BackendState> _tried = [];

    /// <param name="wake">
    /// Makes the loop of the request look how its wait has ended; from any thread. False when that loop has ended.
    /// </param>
    public QueuedRequest(Func<bool> wake)
    {
        Wake = wake;
        Node = new LinkedListNode<QueuedRequest>(this);
    }

    public Func<bool> Wake { get; }

    /// <summary>Its place in the line of its client.</summary>
    public LinkedListNode<QueuedRequest> Node { get; }

    /// <summary>Whose it is.</summary>
    public ClientKey Client { get; set; }

    public QueueStep Step { get; set; }

    /// <summary>Where its place is, while it is granted.</summary>
    public BackendState? Place { get; set; }

    /// <summary>The backends that are of no use to it. They stay the same while it waits.</summary>
    public ReadOnlySpan<BackendState> Tried => CollectionsMarshal.AsSpan(_tried);

    public bool HasTried(BackendState backend) => _tried.Contains(backend);

    /// <summary>The backend was tried, and is of no use to the request. Each once, before it waits.</summary>
    public void NoteTried(BackendState backend)
    {
        Debug.Assert(Step != QueueStep.Waiting && !HasTried(backend));
        _tried.Add(backend);
    }

    /// <summary>Makes ready for another wait.</summary>
    public void Clear()
    {
        (Step, Place) = (QueueStep.None, null);
        _tried.Clear();
    }
}
