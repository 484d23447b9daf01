namespace L7Engine.Clients;

/// <summary>What a read from a client without an exchange has brought.</summary>
internal enum IntakeStep
{
    /// <summary>Nothing to act on: read again.</summary>
    NeedMore,

    /// <summary>A whole head, or one that can never be valid.</summary>
    Request,

    /// <summary>A head was begun and did not become whole in time.</summary>
    HeadTimeout,

    /// <summary>No request will come; why is noted.</summary>
    End,
}
