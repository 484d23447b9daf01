namespace L7Engine;

/// <summary>Whether a backend is thought to be well.</summary>
public enum BackendHealth
{
    /// <summary>It gets requests.</summary>
    Up,

    /// <summary>It was added while the engine ran, and gets requests once a check has passed.</summary>
    Detecting,

    /// <summary>Checks have failed; it gets none until they pass again.</summary>
    Down,

    /// <summary>Requests have failed; it gets none for a while.</summary>
    Ejected,

    /// <summary>That while is over: it gets one request, whose outcome decides.</summary>
    Trial,
}
