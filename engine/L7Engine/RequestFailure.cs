namespace L7Engine;

/// <summary>How a backend failed a request, as far as it is the backend's doing.</summary>
public enum RequestFailure
{
    /// <summary>There was no failure yet.</summary>
    None,

    /// <summary>Connecting was refused, or the network did not get there.</summary>
    ConnectFailed,

    /// <summary>Connecting took too long.</summary>
    ConnectTimedOut,

    /// <summary>A fresh connection ended before the head of a response.</summary>
    Closed,

    /// <summary>It took no bytes of the request.</summary>
    SendTimedOut,

    /// <summary>There was no head of a response in time.</summary>
    ResponseTimedOut,

    /// <summary>What came is no HTTP response.</summary>
    Malformed,

    /// <summary>The status is one of <see cref="EjectionOptions.Statuses"/>.</summary>
    Status,
}
