namespace L7Engine.Clients;

/// <summary>
/// What the loops show each other, so that none closes the only connection of a client while others have better.
/// </summary>
/// <remarks>Thread-safe: each loop writes its own numbers, and any thread reads them without waiting.</remarks>
internal sealed class EvictionBoard
{
    // A loop that does not keep track may hold anything.
    private const int Unknown = -1;

    // Two cache lines a loop, as processors fetch lines in pairs: no loop's writes slow down another's.
    private const int IntsPerLoop = 2 * 64 / sizeof(int);

    private readonly int[] _values;

    public EvictionBoard(int loops)
    {
        _values = new int[loops * IntsPerLoop];
        for (int loop = 0; loop < loops; loop++)
        {
            Hide(loop);
        }
    }

    /// <summary>Connections of all loops that were told to close and have not closed yet.</summary>
    public int Ending
    {
        get
        {
            int sum = 0;
            for (int at = 1; at < _values.Length; at += IntsPerLoop)
            {
                sum += Volatile.Read(ref _values[at]);
            }

            return sum;
        }
    }

    /// <param name="top">The most connections without an exchange that a client has on the loop.</param>
    /// <param name="ending">Connections of the loop that were told to close and have not closed yet.</param>
    public void Show(int loop, int top, int ending)
    {
        Volatile.Write(ref _values[loop * IntsPerLoop], top);
        Volatile.Write(ref _values[(loop * IntsPerLoop) + 1], ending);
    }

    public void Hide(int loop) => Show(loop, Unknown, 0);

    /// <returns>False while a client has, or may have, two or more connections without an exchange on another loop.
    /// </returns>
    public bool MayTakeOnlyOnes(int loop)
    {
        for (int other = 0; other * IntsPerLoop < _values.Length; other++)
        {
            if (other != loop && Volatile.Read(ref _values[other * IntsPerLoop]) is Unknown or > 1)
            {
                return false;
            }
        }

        return true;
    }
}
