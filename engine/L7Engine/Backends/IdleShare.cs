namespace L7Engine.Backends;

/// <summary>The places for idle connections to one backend that one loop has.</summary>
/// <remarks>
/// The loop's thread takes and gives back; other loops may take a place away. The loop is told, and closes connections
/// until it has no more of them than places.
/// </remarks>
/// <param name="tell">Tells the loop; called by others, once until it has listened.</param>
internal sealed class IdleShare(IdlePlaces places, Action tell)
{
    private int _count;
    private int _isTold;

    /// <summary>Places that it has.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for one connection more: a free one, or one that another loop has beyond its part.
    /// </summary>
    /// <param name="max">How many all loops have.</param>
    public bool TryTake(int max)
    {
        bool isTaken = places.TryTakeFree(max) || places.TryTakeFromRichest(this, max);
        if (isTaken)
        {
            Interlocked.Increment(ref _count);
        }

        return isTaken;
    }

    /// <summary>Gives a place back, unless it was taken away: a connection is idle no more.</summary>
    /// <param name="left">Connections that still are.</param>
    public void Release(int left)
    {
        if (TryLower(left))
        {
            places.Release();
        }
    }

    /// <summary>Takes a place away from this loop. From any thread.</summary>
    /// <param name="part">What it keeps.</param>
    public bool TryGiveUpOne(int part)
    {
        if (!TryLower(part))
        {
            return false;
        }

        if (Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            tell();
        }

        return true;
    }

    /// <summary>The loop looks at <see cref="Count"/> next: what is taken away from here on is told of again.</summary>
    public void Listen() => Interlocked.Exchange(ref _isTold, 0);

    private bool TryLower(int least)
    {
        int seen = Count;
        while (seen > least)
        {
            int before = Interlocked.CompareExchange(ref _count, seen - 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }
}
