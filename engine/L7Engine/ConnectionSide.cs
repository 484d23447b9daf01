namespace L7Engine;

/// <summary>The side of the engine that a connection is on.</summary>
public enum ConnectionSide : byte
{
    /// <summary>A client opened it to us.</summary>
    Client,

    /// <summary>We opened it to a backend.</summary>
    Backend,
}
