using System.Diagnostics;
using System.Text;

namespace L7Engine.Http;

/// <summary>What Content-Length and Transfer-Encoding of one head say, and whether they agree.</summary>
/// <remarks>
/// Source: RFC 9112 sections 6.1 to 6.3. The RFC lets a recipient repair some of this; we refuse it all, because a
/// proxy that guesses wrong here is how requests are smuggled.
/// </remarks>
internal struct FramingFields()
{
    /// <summary>Bytes, or -1 when the field is absent.</summary>
    public long ContentLength { get; private set; } = -1;

    public bool IsChunked { get; private set; }

    public HttpFault AddContentLength(ReadOnlySpan<byte> value)
    {
        if (ContentLength >= 0)
        {
            return HttpFault.RepeatedContentLength;
        }

        long length = 0;
        foreach (byte b in value)
        {
            int digit = b - '0';
            if (digit is < 0 or > 9 || length > (long.MaxValue - digit) / 10)
            {
                return HttpFault.BadContentLength;
            }

            length = (length * 10) + digit;
        }

        ContentLength = length;
        return value.IsEmpty ? HttpFault.BadContentLength : HttpFault.None;
    }

    public HttpFault AddTransferEncoding(ReadOnlySpan<byte> value)
    {
        if (IsChunked)
        {
            return HttpFault.BadTransferEncoding;
        }

        IsChunked = true;
        if (Ascii.EqualsIgnoreCase(value, "chunked"u8))
        {
            return HttpFault.None;
        }

        return EndsInChunked(value) ? HttpFault.UnknownTransferCoding : HttpFault.BadTransferEncoding;
    }

    /// <summary>The rules about both fields together.</summary>
    public readonly HttpFault Check(HttpVersion version)
    {
        if (IsChunked && ContentLength >= 0)
        {
            return HttpFault.LengthAndTransferEncoding;
        }

        return IsChunked && version == HttpVersion.Http10 ? HttpFault.TransferEncodingInHttp10 : HttpFault.None;
    }

    /// <summary>How the body ends, of a message that may have one.</summary>
    /// <param name="withoutEither">Requests: <see cref="BodyKind.None"/>. Responses: until close.</param>
    public readonly BodyFraming Decide(BodyKind withoutEither)
    {
        Debug.Assert(!IsChunked || ContentLength < 0);
        if (IsChunked)
        {
            return new BodyFraming(BodyKind.Chunked);
        }

        return ContentLength >= 0
            ? new BodyFraming(BodyKind.Length, ContentLength)
            : new BodyFraming(withoutEither);
    }

    /// <summary>True for other codings, each a token, and chunked once and last: understood, but not
    /// supported.</summary>
    private static bool EndsInChunked(ReadOnlySpan<byte> value)
    {
        while (true)
        {
            int comma = value.IndexOf((byte)',');
            ReadOnlySpan<byte> coding = (comma < 0 ? value : value[..comma]).Trim(HttpBytes.OptionalSpace);
            bool isChunked = Ascii.EqualsIgnoreCase(coding, "chunked"u8);
            if (comma < 0)
            {
                return isChunked;
            }

            if (isChunked || coding.IsEmpty || coding.ContainsAnyExcept(HttpBytes.Token))
            {
                return false;
            }

            value = value[(comma + 1)..];
        }
    }
}
