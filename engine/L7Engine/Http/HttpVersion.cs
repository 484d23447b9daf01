namespace L7Engine.Http;

/// <summary>How a message asks to be treated. Minor versions above 1 are treated as 1.1 (RFC 9110 section
/// 2.5).</summary>
internal enum HttpVersion : byte
{
    Http10,
    Http11,
}
