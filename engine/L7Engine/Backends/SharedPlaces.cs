namespace L7Engine.Backends;

/// <summary>A number of places that all loops share, such as those of the idle connections to one backend.</summary>
/// <remarks>Thread-safe: interlocked.</remarks>
internal sealed class SharedPlaces
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for one. It must be given back once.</summary>
    /// <param name="max">How many there are. It is never exceeded, unless it was lowered.</param>
    public bool TryTake(int max)
    {
        int seen = Count;
        while (seen < max)
        {
            int before = Interlocked.CompareExchange(ref _count, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void Release() => Interlocked.Decrement(ref _count);
}
