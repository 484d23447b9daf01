using L7Engine.Backends.Health;
using L7Engine.Backends.Reuse;

namespace L7Engine.Backends;

/// <summary>What all loops share of one backend. It outlives the configurations that have the backend.</summary>
/// <remarks>Thread-safe: interlocked, or read by one volatile read.</remarks>
internal sealed class BackendState
{
    private readonly SharedPlaces _inFlight = new();
    private volatile bool _isUnreachable;
    private volatile bool _isLost;

    /// <summary>The places of its idle connections.</summary>
    public IdlePlaces Idle { get; } = new();

    /// <summary>Whether it gets requests, and why not.</summary>
    public BackendHealthState Health { get; } = new();

    /// <summary>When it closes idle connections.</summary>
    public IdleDeadline IdleDeadline { get; } = new();

    /// <summary>Exchanges of all loops that have a place at the backend.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether the last attempt to connect to it failed.</summary>
    public bool IsUnreachable
    {
        get => _isUnreachable;
        set
        {
            // Read first: a line of memory that nobody writes is everybody's.
            if (_isUnreachable != value)
            {
                _isUnreachable = value;
            }
        }
    }

    /// <summary>Whether its name was asked for since it last served, because no address of that did.</summary>
    public bool IsLost
    {
        get => _isLost;
        set => _isLost = value;
    }

    /// <summary>Takes a place for one exchange. It must be given back once.</summary>
    /// <param name="max">How many there are; 0 for no limit. It is never exceeded.</param>
    public bool TryTakePlace(int max)
    {
        if (max > 0)
        {
            return _inFlight.TryTake(max);
        }

        _inFlight.Take();
        return true;
    }

    public void ReleasePlace() => _inFlight.Release();
}
