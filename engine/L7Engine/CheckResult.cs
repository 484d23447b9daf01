namespace L7Engine;

/// <summary>How one health check ended.</summary>
public enum CheckResult
{
    /// <summary>There was none yet.</summary>
    None,

    /// <summary>The backend gave an answer that is expected.</summary>
    Passed,

    /// <summary>Connecting failed.</summary>
    ConnectFailed,

    /// <summary>There was no answer in time, be it that connecting took too long.</summary>
    TimedOut,

    /// <summary>The connection ended before the answer.</summary>
    Closed,

    /// <summary>What came is no HTTP response.</summary>
    Malformed,

    /// <summary>The status is not among those expected.</summary>
    UnexpectedStatus,

    /// <summary>This machine has no port, descriptor or buffer left: it counts neither way.</summary>
    LocalCause,
}
