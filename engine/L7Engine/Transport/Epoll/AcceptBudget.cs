namespace L7Engine.Transport.Epoll;

/// <summary>How many connections a listener accepts in one turn, so that a flood does not starve those that are open.
/// </summary>
/// <remarks>
/// A backlog is reported again in the next turn as long as something is in it. So one accept a turn is enough for
/// connections that come one by one, and a second one would be a call for nothing. When they come faster than turns do,
/// the budget doubles every few turns, until a call finds the backlog empty. A mutable struct: do not copy it.
/// </remarks>
internal struct AcceptBudget()
{
    /// <summary>The most that it grows to.</summary>
    public const int Most = 64;

    private const int FullTurnsToGrow = 8;

    private int _turn;
    private int _acceptsInTurn;
    private int _size = 1;
    private int _fullTurns;

    /// <summary>Counts an accept of this turn.</summary>
    /// <param name="isWhole">It is as large as it gets, and does not grow.</param>
    /// <returns>False when it has to wait for another turn.</returns>
    public bool TryTake(int turn, bool isWhole)
    {
        if (_turn != turn)
        {
            (_turn, _acceptsInTurn) = (turn, 0);
        }

        if (++_acceptsInTurn <= (isWhole ? Most : _size))
        {
            return true;
        }

        if (!isWhole && ++_fullTurns == FullTurnsToGrow)
        {
            (_fullTurns, _size) = (0, Math.Min(2 * _size, Most));
        }

        return false;
    }

    /// <summary>A call has found the backlog empty.</summary>
    public void NoteEmpty() => (_fullTurns, _size) = (0, 1);
}
