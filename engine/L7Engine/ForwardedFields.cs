namespace L7Engine;

/// <summary>How <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> of a request to a backend are written.</summary>
public enum ForwardedFields
{
    /// <summary>From the connection alone; what the client sent is dropped.</summary>
    Set,

    /// <summary>Added to what a peer in <see cref="ListenerOptions.TrustedProxies"/> sent; else Set.</summary>
    Append,

    /// <summary>None; what the client sent is dropped unless the peer is trusted.</summary>
    Off,
}
