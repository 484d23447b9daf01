namespace L7Engine.Http;

/// <summary>What the engine does with the fields that say where a request came from.</summary>
internal enum ForwardedMode : byte
{
    /// <summary>Incoming ones are dropped and ours are written.</summary>
    Set,

    /// <summary>From a trusted peer: ours are added to the incoming ones. From any other: as
    /// <see cref="Set"/>.</summary>
    Append,

    /// <summary>None is written. Incoming ones pass from a trusted peer, and are dropped from any other.</summary>
    Off,
}

/// <summary>What a rewritten request head needs besides the parsed head.</summary>
internal ref struct RequestRewrite
{
    /// <summary>Sent as Host when the request had none, which only HTTP/1.0 may.</summary>
    public ReadOnlySpan<byte> DefaultAuthority;

    /// <summary>Text for X-Forwarded-For: 127.0.0.1 or ::1, without brackets and port.</summary>
    public ReadOnlySpan<byte> ClientAddress;

    /// <summary>Text for X-Forwarded-Proto: the scheme the client used.</summary>
    public ReadOnlySpan<byte> Proto;

    public ForwardedMode Forwarded;

    public bool PeerIsTrusted;

    /// <summary>Pseudonym and comment of our Via element, as in <c>l7engine (token)</c>, without the version; empty
    /// writes none.</summary>
    public ReadOnlySpan<byte> Via;

    /// <summary>Forward Upgrade, and the connection option with it.</summary>
    public bool KeepUpgrade;

    /// <summary>Tell the backend to close after this exchange.</summary>
    public bool CloseBackend;

    /// <summary>The route lets request trailers through, so Trailer may announce them.</summary>
    public bool KeepTrailers;

    /// <summary>The cookie that is for us, and not passed on; empty for none.</summary>
    public ReadOnlySpan<byte> OwnCookie;
}
