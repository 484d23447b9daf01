namespace L7Engine.Transport;

/// <summary>Work for a loop from any thread, in order.</summary>
/// <param name="wake">Makes the loop's wait end. Called under the lock: never after <see cref="Close"/>.</param>
internal sealed class PostQueue(Action wake)
{
    private readonly Lock _lock = new();
    private List<(Action<object?> Work, object? State)> _posted = [];
    private List<(Action<object?> Work, object? State)> _taken = [];
    private volatile bool _hasWork;
    private bool _isWakePending;
    private bool _isClosed;

    public bool HasWork => _hasWork;

    /// <param name="fromLoop">The loop itself posts: it looks here before it waits, so nobody has to wake it.</param>
    /// <returns>False when the queue is closed.</returns>
    public bool Add(Action<object?> work, object? state, bool fromLoop)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            _posted.Add((work, state));
            _hasWork = true;
            if (!fromLoop && !_isWakePending)
            {
                _isWakePending = true;
                wake();
            }

            return true;
        }
    }

    /// <summary>Takes what was posted until now. By the loop alone; the list is its own until the next call.</summary>
    public List<(Action<object?> Work, object? State)> Take()
    {
        _taken.Clear();
        if (_hasWork)
        {
            lock (_lock)
            {
                (_posted, _taken) = (_taken, _posted);
                (_hasWork, _isWakePending) = (false, false);
            }
        }

        return _taken;
    }

    /// <summary>Closes the queue for good unless there is work in it.</summary>
    /// <returns>False when there is work.</returns>
    public bool TryClose()
    {
        lock (_lock)
        {
            _isClosed = _posted.Count == 0;
            return _isClosed;
        }
    }

    /// <summary>Closes the queue; work in it is lost.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }
}
