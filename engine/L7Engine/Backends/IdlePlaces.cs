namespace L7Engine.Backends;

/// <summary>How many connections to one backend are idle in the pools of all loops, and how many each loop may have.
/// </summary>
/// <remarks>
/// Thread-safe: interlocked, but for the coming and going of loops. A place is free for any loop. When none is, a loop
/// with less than an equal part of them takes one from the loop that has most, which closes its oldest connection as
/// soon as it has its turn: until then that one is open, and has no place.
/// </remarks>
internal sealed class IdlePlaces
{
    private readonly Lock _lock = new();
    private readonly SharedPlaces _places = new();
    private volatile IdleShare[] _shares = [];

    /// <summary>Places taken. Never more than there are, unless that was lowered.</summary>
    public int Count => _places.Count;

    /// <summary>A loop has a pool of the backend.</summary>
    public void Join(IdleShare share)
    {
        lock (_lock)
        {
            _shares = [.. _shares, share];
        }
    }

    /// <summary>A loop keeps nothing for the backend any more.</summary>
    public void Leave(IdleShare share)
    {
        lock (_lock)
        {
            _shares = [.. _shares.Where(other => other != share)];
        }
    }

    /// <summary>Takes a place that is free.</summary>
    /// <param name="max">How many there are.</param>
    public bool TryTakeFree(int max) => _places.TryTake(max);

    /// <summary>Takes a place from the loop that has most, for one that has less than its part.</summary>
    /// <param name="max">How many there are.</param>
    public bool TryTakeFromRichest(IdleShare poor, int max)
    {
        IdleShare[] shares = _shares;
        int part = max / Math.Max(1, shares.Length);
        if (poor.Count >= part)
        {
            return false;
        }

        IdleShare richest = poor;
        foreach (IdleShare share in shares)
        {
            richest = share.Count > richest.Count ? share : richest;
        }

        return richest.TryGiveUpOne(part);
    }

    public void Release() => _places.Release();
}
