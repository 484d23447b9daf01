namespace L7Engine.Load.Bench;

/// <summary>What becomes of a connection after a response.</summary>
public enum ConnectionMode
{
    /// <summary>It is kept for the next request.</summary>
    KeepAlive,

    /// <summary>It is closed: each request has one of its own.</summary>
    Close,
}
