namespace L7Engine.Http;

/// <summary>How the end of a message body is found (RFC 9112 section 6.3).</summary>
internal enum BodyKind : byte
{
    None,
    Length,
    Chunked,

    /// <summary>Responses only: the body ends where the connection does.</summary>
    UntilClose,
}

/// <param name="Bytes">Body length in bytes for <see cref="BodyKind.Length"/>; otherwise 0.</param>
internal readonly record struct BodyFraming(BodyKind Kind, long Bytes = 0)
{
    /// <summary>True when no body byte follows the head.</summary>
    public bool IsEmpty => Kind == BodyKind.None || this is { Kind: BodyKind.Length, Bytes: 0 };
}
