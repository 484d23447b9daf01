namespace L7Engine.Http;

/// <summary>The fields that the engine reads, removes or writes. Every other field is <see cref="Other"/>.</summary>
internal enum KnownField : byte
{
    Other,
    Host,
    ContentLength,
    TransferEncoding,
    Connection,
    KeepAlive,
    ProxyConnection,
    Upgrade,
    Http2Settings,
    TE,
    Trailer,
    Expect,
    MaxForwards,
    Via,
    Forwarded,
    XForwardedFor,
    XForwardedProto,
    XForwardedHost,
    XForwardedOther,
    XRealIp,
    ContentType,
    ContentEncoding,
    ContentRange,
    Authorization,
    ProxyAuthorization,
    ProxyAuthenticate,
    WwwAuthenticate,
    AuthenticationInfo,
    ProxyAuthenticationInfo,
    Cookie,
    SetCookie,
    Date,

    /// <summary>With <c>_</c> read as <c>-</c> it is a field that we write or remove: never forwarded.</summary>
    Lookalike,

    /// <summary>Can be read as a framing field or Host by somebody: the message is refused.</summary>
    FramingLookalike,
}
