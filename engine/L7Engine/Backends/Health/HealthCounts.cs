namespace L7Engine.Backends.Health;

/// <summary>What is told of the health of one backend. Any thread may read, each number for itself.</summary>
/// <remarks>Checks are entered by one loop, ejections under the group's lock, failures by any loop.</remarks>
internal sealed class HealthCounts
{
    private long _failures;
    private long _ejections;
    private long _checksPassed;
    private long _checksFailed;
    private volatile int _lastFailure;
    private volatile int _lastCheck;
    private volatile int _lastStatus;

    /// <summary>Requests that failed, and the backend was to blame.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public long Ejections => Volatile.Read(ref _ejections);

    public long ChecksPassed => Volatile.Read(ref _checksPassed);

    public long ChecksFailed => Volatile.Read(ref _checksFailed);

    public RequestFailure LastFailure => (RequestFailure)_lastFailure;

    public CheckResult LastCheck => (CheckResult)_lastCheck;

    /// <summary>The status that the last check was answered with; 0 for none.</summary>
    public int LastCheckStatus => _lastStatus;

    public void CountFailure(RequestFailure failure)
    {
        Interlocked.Increment(ref _failures);
        _lastFailure = (int)failure;
    }

    public void CountEjection() => Volatile.Write(ref _ejections, _ejections + 1);

    /// <param name="status">0 when none came.</param>
    public void CountCheck(CheckResult result, int status)
    {
        (_lastCheck, _lastStatus) = ((int)result, status);
        if (result == CheckResult.Passed)
        {
            Volatile.Write(ref _checksPassed, _checksPassed + 1);
        }
        else if (result != CheckResult.LocalCause)
        {
            Volatile.Write(ref _checksFailed, _checksFailed + 1);
        }
    }
}
