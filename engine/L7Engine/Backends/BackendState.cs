using L7Engine.Backends.Health;
using L7Engine.Backends.Reuse;

namespace L7Engine.Backends;

/// <summary>What all loops share of one backend. It outlives the configurations that have the backend.</summary>
/// <remarks>Thread-safe: interlocked, or read by one volatile read.</remarks>
internal sealed class BackendState
{
    private int _inFlight;
    private volatile bool _isUnreachable;

    /// <summary>The places of its idle connections.</summary>
    public IdlePlaces Idle { get; } = new();

    /// <summary>Whether it gets requests, and why not.</summary>
    public BackendHealthState Health { get; } = new();

    /// <summary>When it closes idle connections.</summary>
    public IdleDeadline IdleDeadline { get; } = new();

    /// <summary>Exchanges of all loops that have a place at the backend.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether the last attempt to connect to it failed.</summary>
    public bool IsUnreachable
    {
        get => _isUnreachable;
        set => _isUnreachable = value;
    }

    /// <summary>Takes a place for one exchange. It must be given back once.</summary>
    /// <param name="max">How many there are; 0 for no limit. It is never exceeded.</param>
    public bool TryTakePlace(int max)
    {
        if (max == 0)
        {
            Interlocked.Increment(ref _inFlight);
            return true;
        }

        int seen = InFlight;
        while (seen < max)
        {
            int before = Interlocked.CompareExchange(ref _inFlight, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void ReleasePlace() => Interlocked.Decrement(ref _inFlight);
}
