namespace L7Engine.Load.Traffic;

/// <summary>Why a request failed.</summary>
public enum LoadFailure
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>No connection could be opened.</summary>
    Connect,

    /// <summary>This machine has no port or descriptor left to connect with.</summary>
    LocalLimit,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>The connection ended before the response did.</summary>
    ClosedEarly,

    /// <summary>The response broke HTTP.</summary>
    Malformed,

    /// <summary>The response had another status than it should have.</summary>
    WrongStatus,

    /// <summary>The body of the response had another size than it should have.</summary>
    WrongLength,

    /// <summary>The response was another request's.</summary>
    WrongId,

    /// <summary>There was no whole response in time.</summary>
    Timeout,
}
