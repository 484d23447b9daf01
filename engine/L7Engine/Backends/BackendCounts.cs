using L7Engine.Backends.Retries;

namespace L7Engine.Backends;

/// <summary>What one loop counts for one backend. One thread writes; any may read, each number for itself.</summary>
internal sealed class BackendCounts
{
    private long _requests;
    private long _reused;
    private long _opened;
    private long _connectFailures;
    private long _closedFirst;
    private long _reuseRefused;
    private long _stale;
    private int _open;
    private int _idle;

    /// <summary>Requests sent again after this backend had failed.</summary>
    public RetryCounts Retries { get; } = new();

    /// <summary>Requests sent, repeats included.</summary>
    public long Requests { get => Volatile.Read(ref _requests); set => Volatile.Write(ref _requests, value); }

    /// <summary>Those sent on a connection that had served another before.</summary>
    public long Reused { get => Volatile.Read(ref _reused); set => Volatile.Write(ref _reused, value); }

    public long Opened { get => Volatile.Read(ref _opened); set => Volatile.Write(ref _opened, value); }

    public long ConnectFailures
    {
        get => Volatile.Read(ref _connectFailures);
        set => Volatile.Write(ref _connectFailures, value);
    }

    /// <summary>Idle connections that were closed because the backend would have done so soon.</summary>
    public long ClosedFirst { get => Volatile.Read(ref _closedFirst); set => Volatile.Write(ref _closedFirst, value); }

    /// <summary>Requests that can be sent only once and got a fresh connection, though one was idle.</summary>
    public long ReuseRefused
    {
        get => Volatile.Read(ref _reuseRefused);
        set => Volatile.Write(ref _reuseRefused, value);
    }

    /// <summary>Requests that met the end of a connection that had been idle.</summary>
    public long Stale { get => Volatile.Read(ref _stale); set => Volatile.Write(ref _stale, value); }

    public int Open { get => Volatile.Read(ref _open); set => Volatile.Write(ref _open, value); }

    public int Idle { get => Volatile.Read(ref _idle); set => Volatile.Write(ref _idle, value); }
}
