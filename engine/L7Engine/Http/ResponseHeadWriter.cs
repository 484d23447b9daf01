namespace L7Engine.Http;

/// <summary>Writes the head that a client gets, anew, from the validated fields of the backend's.</summary>
internal static class ResponseHeadWriter
{
    /// <summary>Every name and fixed value that <see cref="Write"/> can add, with room to spare.</summary>
    private const int MaxAddedBytes = 256;

    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public static int MaxBytes(ResponseHead head, in ResponseRewrite rewrite) =>
        head.TotalBytes + MaxAddedBytes + rewrite.Date.Length + rewrite.Via.Length + rewrite.SetCookie.Length;

    /// <param name="received">What the head was parsed from.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(
        ResponseHead head, ReadOnlySpan<byte> received, in ResponseRewrite rewrite, Span<byte> destination)
    {
        var to = new HeadCursor(destination);
        to.Write("HTTP/1.1 "u8);
        to.Write(head.Status);
        to.Write(" "u8);
        to.WriteField(head.Reason.Of(received), default(ReadOnlySpan<byte>));

        CopyFields(ref to, head, received, rewrite);
        to.WriteFraming(SentFraming(head, rewrite));
        if (head.Status >= 200 && !head.HasDate && !rewrite.Date.IsEmpty)
        {
            to.WriteField("Date: "u8, rewrite.Date);
        }

        if (!rewrite.SetCookie.IsEmpty)
        {
            to.WriteField("Set-Cookie: "u8, rewrite.SetCookie);
        }

        to.WriteVia(head.Version, rewrite.Via);
        WriteHop(ref to, head, received, rewrite);
        to.Write("\r\n"u8);
        return to.Position;
    }

    /// <summary>Copies the lines that stay, neighbours in one go.</summary>
    private static void CopyFields(
        ref HeadCursor to, ResponseHead head, ReadOnlySpan<byte> received, in ResponseRewrite rewrite)
    {
        ReadOnlySpan<FieldLine> lines = head.Fields.Lines;
        int start = 0;
        int end = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            ref readonly FieldLine line = ref lines[i];
            if (head.Fields.IsNominated(i) || !Stays(line.Field, rewrite.KeepTrailers))
            {
                continue;
            }

            if (line.Name.Start != end)
            {
                to.Write(received[start..end]);
                start = line.Name.Start;
            }

            end = line.LineEnd;
        }

        to.Write(received[start..end]);
    }

    private static bool Stays(KnownField field, bool keepTrailers) => field switch
    {
        KnownField.Other => true,
        KnownField.ContentLength or KnownField.TransferEncoding => false,
        KnownField.Connection or KnownField.KeepAlive or KnownField.ProxyConnection => false,
        KnownField.Upgrade or KnownField.TE or KnownField.ProxyAuthenticate => false,
        KnownField.Lookalike or KnownField.FramingLookalike => false,
        KnownField.Trailer => keepTrailers,
        _ => true,
    };

    /// <summary>
    /// Interim responses and 204 carry no length; those that only describe a body, to HEAD and 304, keep the length
    /// that it would have (RFC 9110 section 8.6).
    /// </summary>
    private static BodyFraming SentFraming(ResponseHead head, in ResponseRewrite rewrite)
    {
        if (head.Status is < 200 or 204)
        {
            return new BodyFraming(BodyKind.None);
        }

        if (rewrite.IsHeadRequest || head.Status == 304)
        {
            return head.ContentLength < 0
                ? new BodyFraming(BodyKind.None)
                : new BodyFraming(BodyKind.Length, head.ContentLength);
        }

        return rewrite.SentFraming;
    }

    /// <summary>The fields for the hop to the client. Interim responses say nothing about the connection.</summary>
    private static void WriteHop(
        ref HeadCursor to, ResponseHead head, ReadOnlySpan<byte> received, in ResponseRewrite rewrite)
    {
        if (head.IsInterim)
        {
            return;
        }

        bool upgrades = rewrite.KeepUpgrade && !head.UpgradeProtocol.IsEmpty;
        if (upgrades)
        {
            to.WriteField("Upgrade: "u8, head.UpgradeProtocol.Of(received));
        }

        bool announces = rewrite.AnnounceKeepAlive && !rewrite.Close;
        if (announces)
        {
            to.WriteKeepAlive(rewrite.KeepAlive);
        }

        to.WriteConnection(
            rewrite.Close ? "close"u8 : default,
            announces ? "keep-alive"u8 : default,
            upgrades ? "upgrade"u8 : default);
    }
}
