using System.Runtime.InteropServices;

namespace L7Engine.Backends.Health;

/// <summary>How the requests of all loops to one backend ended, as far as it decides over an ejection.</summary>
/// <remarks>
/// Thread-safe, without a lock. A window ends with the first request after its time; loops that report in this very
/// moment may be counted in the one or in the other.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 3 * LineBytes)]
internal sealed class FailureCounts
{
    // Two cache lines, as processors fetch them in pairs: what is written with each request is kept apart from what is
    // read with each pick.
    private const int LineBytes = 2 * 64;

    [FieldOffset(LineBytes)]
    private int _consecutive;

    [FieldOffset(LineBytes + 8)]
    private long _windowBegan;

    [FieldOffset(LineBytes + 16)]
    private long _requests;

    [FieldOffset(LineBytes + 24)]
    private long _failures;

    /// <summary>Failures since the last success.</summary>
    public int Consecutive => Volatile.Read(ref _consecutive);

    public void CountSuccess(long now, HealthSettings settings)
    {
        // Read first: a line of memory that nobody writes is everybody's.
        if (Consecutive != 0)
        {
            Volatile.Write(ref _consecutive, 0);
        }

        if (settings.Ejection.FailureRate > 0)
        {
            CountRequest(now, settings);
        }
    }

    /// <returns>Which threshold is crossed; None for neither.</returns>
    public HealthCause CountFailure(long now, HealthSettings settings)
    {
        EjectionOptions ejection = settings.Ejection;
        int consecutive = Interlocked.Increment(ref _consecutive);
        long requests = CountRequest(now, settings);
        long failures = Interlocked.Increment(ref _failures);
        if (ejection.ConsecutiveFailures > 0 && consecutive >= ejection.ConsecutiveFailures)
        {
            return HealthCause.ConsecutiveFailures;
        }

        bool isTooMany = ejection.FailureRate > 0 && requests >= ejection.MinimumRequests
            && failures >= ejection.FailureRate * requests;
        return isTooMany ? HealthCause.FailureRate : HealthCause.None;
    }

    /// <summary>Counts anew from here.</summary>
    public void Clear(long now)
    {
        Volatile.Write(ref _consecutive, 0);
        BeginWindow(now);
    }

    private long CountRequest(long now, HealthSettings settings)
    {
        long began = Volatile.Read(ref _windowBegan);
        if (now - began >= settings.WindowMilliseconds
            && Interlocked.CompareExchange(ref _windowBegan, now, began) == began)
        {
            BeginWindow(now);
        }

        return Interlocked.Increment(ref _requests);
    }

    private void BeginWindow(long now)
    {
        Volatile.Write(ref _windowBegan, now);
        Interlocked.Exchange(ref _requests, 0);
        Interlocked.Exchange(ref _failures, 0);
    }
}
