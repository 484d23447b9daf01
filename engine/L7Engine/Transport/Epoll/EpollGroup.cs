using System.Diagnostics;

namespace L7Engine.Transport.Epoll;

/// <summary>Loops that listen at the same addresses, and how evenly they share the connections.</summary>
/// <remarks>
/// Thread-safe. The kernel spreads connections by a hash: few of them it spreads unevenly, and it does not know which
/// are still open. A loop that holds far more than the others hands an accepted descriptor on before it is registered:
/// a connection lives on the loop that admitted it.
/// </remarks>
internal sealed class EpollGroup
{
    // More than 5/4 of the mean and 16: below that, handing over costs more than it evens out.
    private const int Surplus = 16;

    private readonly Lock _changing = new();
    private volatile EpollLoop[] _loops = [];
    private volatile EpollListener[] _listeners = [];
    private int _held;

    public void Add(EpollLoop loop)
    {
        lock (_changing)
        {
            _loops = [.. _loops, loop];
        }
    }

    public void Remove(EpollLoop loop)
    {
        lock (_changing)
        {
            _loops = [.. _loops.Where(other => other != loop)];
        }
    }

    public void Add(EpollListener listener)
    {
        lock (_changing)
        {
            _listeners = [.. _listeners, listener];
        }
    }

    public void Remove(EpollListener listener)
    {
        lock (_changing)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
        }
    }

    public void Hold(int change)
    {
        int held = Interlocked.Add(ref _held, change);
        Debug.Assert(held >= 0);
    }

    /// <returns>The listener that is to have the next connection; the one that accepted it, unless its loop is far too
    /// full.</returns>
    public EpollListener Choose(EpollListener accepting)
    {
        int held = accepting.Loop.Held;
        if (!IsFarTooMany(held, _loops.Length))
        {
            return accepting;
        }

        EpollListener emptiest = accepting;
        foreach (EpollListener other in _listeners)
        {
            bool isSame = other.IsAccepting && other.Address.Equals(accepting.Address);
            emptiest = isSame && other.Loop.Held < emptiest.Loop.Held ? other : emptiest;
        }

        return emptiest;
    }

    private bool IsFarTooMany(int held, int loops) =>
        4L * held * loops > (5L * Volatile.Read(ref _held)) + (4L * Surplus * loops);
}
