namespace L7Engine.Backends.Retries;

/// <summary>What failed before a request was sent again; in the order of the counters that a loop has for them.
/// </summary>
internal enum RetryCause : byte
{
    /// <summary>No connection came about.</summary>
    Connect,

    /// <summary>The connection took no byte.</summary>
    Unsent,

    /// <summary>A reused connection ended before a byte of the response.</summary>
    Stale,

    /// <summary>A fresh connection ended before a byte of the response.</summary>
    Fresh,

    /// <summary>The response did not come in time.</summary>
    Timeout,

    /// <summary>What came was no response.</summary>
    Malformed,

    /// <summary>It would have been sent again, but for the budget.</summary>
    Refused,
}
