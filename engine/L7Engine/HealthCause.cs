namespace L7Engine;

/// <summary>What has brought a backend into the state that it is in.</summary>
public enum HealthCause
{
    /// <summary>Nothing: it counts as up from the start.</summary>
    None,

    /// <summary>A configuration has added it while the engine ran.</summary>
    Added,

    /// <summary>Checks that passed.</summary>
    ChecksPassed,

    /// <summary>Checks that failed: <see cref="BackendStatus.LastCheck"/> says how.</summary>
    ChecksFailed,

    /// <summary>A configuration has ended the checks.</summary>
    ChecksEnded,

    /// <summary>As many requests in a row have failed as <see cref="EjectionOptions.ConsecutiveFailures"/>.</summary>
    ConsecutiveFailures,

    /// <summary>As large a share of the requests has failed as <see cref="EjectionOptions.FailureRate"/>.</summary>
    FailureRate,

    /// <summary>The time of the ejection is over.</summary>
    EjectionOver,

    /// <summary>The request that tried it was answered.</summary>
    TrialPassed,

    /// <summary>The request that tried it failed.</summary>
    TrialFailed,
}
