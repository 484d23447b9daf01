namespace L7Engine;

/// <summary>What an open connection is doing.</summary>
public enum ConnectionState : byte
{
    /// <summary>Client: open, and no byte has come yet.</summary>
    Accepted,

    /// <summary>Client: a part of a request head has come.</summary>
    ReadingHead,

    /// <summary>Both: it carries a request or its response.</summary>
    Exchanging,

    /// <summary>Both: it waits for its next request.</summary>
    Idle,

    /// <summary>Both: it has changed protocol.</summary>
    Tunnelling,

    /// <summary>Both: it has ended, and the other side is given time to see that, or to close first.</summary>
    Lingering,
}
