namespace L7Engine.Http;

/// <summary>What a rewritten response head needs besides the parsed head.</summary>
internal ref struct ResponseRewrite
{
    public HttpVersion ClientVersion;

    /// <summary>29 bytes, used when the response has no Date of its own and is final.</summary>
    public ReadOnlySpan<byte> Date;

    /// <summary>How the body is sent to this client; not read where there is no body (HEAD, 1xx, 204, 304).</summary>
    public BodyFraming SentFraming;

    /// <summary>Write <c>Connection: close</c>.</summary>
    public bool Close;

    /// <summary>Write <c>Connection: keep-alive</c>.</summary>
    public bool AnnounceKeepAlive;

    /// <summary>What Keep-Alive says beside that; nothing of it writes no such field.</summary>
    public KeepAliveTerms KeepAlive;

    /// <summary>Forward Upgrade, and the connection option with it (101).</summary>
    public bool KeepUpgrade;

    /// <summary>Pseudonym and comment of our Via element, without the version; empty writes none.</summary>
    public ReadOnlySpan<byte> Via;

    public bool IsHeadRequest;

    /// <summary>Trailers will be forwarded, so Trailer may announce them.</summary>
    public bool KeepTrailers;

    /// <summary>The value of a Set-Cookie of ours, beside those of the backend; empty for none.</summary>
    public ReadOnlySpan<byte> SetCookie;
}
