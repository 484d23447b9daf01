namespace L7Engine.Backends;

/// <summary>How many connections to one backend are idle in the pools of all loops.</summary>
/// <remarks>Thread-safe: interlocked.</remarks>
internal sealed class IdlePlaces
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for one connection. It must be given back once.</summary>
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
