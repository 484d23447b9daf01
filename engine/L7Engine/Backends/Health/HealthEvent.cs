namespace L7Engine.Backends.Health;

/// <summary>What has changed in the health of a group.</summary>
internal enum HealthEvent : byte
{
    /// <summary>A backend gets requests again.</summary>
    CameUp,

    /// <summary>Its checks failed.</summary>
    WentDown,

    /// <summary>Its requests failed.</summary>
    WasEjected,

    /// <summary>The time of its ejection is over.</summary>
    TrialBegan,

    /// <summary>A request tries it.</summary>
    TrialTaken,

    /// <summary>Another request may try it.</summary>
    TrialFreed,

    /// <summary>It gets no new requests until it is resumed.</summary>
    DrainBegan,

    DrainEnded,

    /// <summary>None is up: from here on all get requests.</summary>
    FailOpenBegan,

    FailOpenEnded,
}

/// <param name="Member">The backend; any of the group where it concerns the whole group.</param>
/// <param name="Cause">What has brought it about.</param>
/// <param name="Milliseconds">How long an ejection lasts.</param>
internal readonly record struct HealthChange(
    HealthEvent Event, BackendHealthState Member, HealthCause Cause, long Milliseconds = 0);
