namespace L7Engine.Http;

/// <summary>Writes the head that a backend gets, anew, from the validated fields of the client's.</summary>
/// <remarks>
/// Removes what is for this hop and what the Connection field names before anything of ours is added
/// (RFC 9110 section 7.6.1): what we add cannot be named away.
/// </remarks>
internal static class RequestHeadWriter
{
    /// <summary>Every name and fixed value that <see cref="Write"/> can add, with room to spare.</summary>
    private const int MaxAddedBytes = 512;

    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public static int MaxBytes(RequestHead head, in RequestRewrite rewrite) =>
        head.TotalBytes + (2 * head.Authority.Length) + MaxAddedBytes
        + rewrite.DefaultAuthority.Length + rewrite.ClientAddress.Length + rewrite.Proto.Length + rewrite.Via.Length;

    /// <param name="received">What the head was parsed from.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(
        RequestHead head, ReadOnlySpan<byte> received, in RequestRewrite rewrite, Span<byte> destination)
    {
        var to = new HeadCursor(destination);
        WriteStartLine(ref to, head, received);
        to.WriteField("Host: "u8, head.Authority.IsEmpty ? rewrite.DefaultAuthority : head.Authority.Of(received));

        int lastForwardedFor = CopyFields(ref to, head, received, rewrite);
        to.WriteFraming(head.Framing);
        if (head.MaxForwards > 0)
        {
            to.WriteField("Max-Forwards: "u8, head.MaxForwards - 1);
        }

        WriteForwarded(ref to, head, received, rewrite, lastForwardedFor);
        to.WriteVia(head.Version, rewrite.Via);
        WriteHop(ref to, head, received, rewrite);
        to.Write("\r\n"u8);
        return to.Position;
    }

    /// <summary>Our version, and the client's bytes for the rest: a target is never decoded and written
    /// again.</summary>
    private static void WriteStartLine(ref HeadCursor to, RequestHead head, ReadOnlySpan<byte> received)
    {
        ReadOnlySpan<byte> target = head.IsServerWide ? "*"u8 : head.PathAndQuery.Of(received);
        to.Write(head.MethodBytes.Of(received));
        to.Write(target[0] == '?' ? " /"u8 : " "u8);
        to.Write(target);
        to.Write(" HTTP/1.1\r\n"u8);
    }

    /// <summary>Copies the lines that stay, neighbours in one go.</summary>
    /// <returns>The last X-Forwarded-For line, which <see cref="WriteForwarded"/> extends; or -1.</returns>
    private static int CopyFields(
        ref HeadCursor to, RequestHead head, ReadOnlySpan<byte> received, in RequestRewrite rewrite)
    {
        ReadOnlySpan<FieldLine> lines = head.Fields.Lines;
        int extended = Extends(rewrite) ? LastForwardedFor(lines) : -1;
        int start = 0;
        int end = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            ref readonly FieldLine line = ref lines[i];
            if (head.Fields.IsNominated(i) || i == extended || !Stays(line.Field, head, rewrite))
            {
                continue;
            }

            bool hasOwn = HasOwnCookie(line, received, rewrite);
            if (line.Name.Start != end || hasOwn)
            {
                to.Write(received[start..end]);
                start = line.Name.Start;
            }

            end = line.LineEnd;
            if (hasOwn)
            {
                WriteOtherCookies(ref to, line, received, rewrite.OwnCookie);
                start = end;
            }
        }

        to.Write(received[start..end]);
        return extended;
    }

    private static bool HasOwnCookie(in FieldLine line, ReadOnlySpan<byte> received, in RequestRewrite rewrite) =>
        !rewrite.OwnCookie.IsEmpty && line.Field == KnownField.Cookie
        && CookiePairs.Has(line.Value.Of(received), rewrite.OwnCookie);

    /// <summary>Writes a line without the cookie that is for us; none when it holds no other.</summary>
    private static void WriteOtherCookies(
        ref HeadCursor to, in FieldLine line, ReadOnlySpan<byte> received, ReadOnlySpan<byte> own)
    {
        bool isFirst = true;
        foreach (ReadOnlySpan<byte> pair in new CookiePairs(line.Value.Of(received)))
        {
            if (!CookiePairs.TryGetValue(pair, own, out _))
            {
                to.Write(isFirst ? line.Name.Of(received) : ";"u8);
                to.Write(isFirst ? ": "u8 : default);
                to.Write(isFirst ? pair.TrimStart(HttpBytes.OptionalSpace) : pair);
                isFirst = false;
            }
        }

        to.Write(isFirst ? default : "\r\n"u8);
    }

    private static bool Stays(KnownField field, RequestHead head, in RequestRewrite rewrite)
    {
        switch (field)
        {
            case KnownField.Other:
                return true;
            case KnownField.Host or KnownField.ContentLength or KnownField.TransferEncoding:
            case KnownField.Connection or KnownField.KeepAlive or KnownField.ProxyConnection or KnownField.TE:
            case KnownField.Upgrade or KnownField.Http2Settings or KnownField.ProxyAuthorization:
            case KnownField.Lookalike or KnownField.FramingLookalike:
                return false;
            case KnownField.Forwarded or KnownField.XRealIp or KnownField.XForwardedFor:
            case KnownField.XForwardedProto or KnownField.XForwardedHost or KnownField.XForwardedOther:
                return rewrite.PeerIsTrusted && rewrite.Forwarded != ForwardedMode.Set;
            case KnownField.Trailer:
                return rewrite.KeepTrailers && head.Framing.Kind == BodyKind.Chunked;
            case KnownField.Expect:
                return head.ExpectsContinue;
            case KnownField.MaxForwards:
                return !head.Method.CountsHops;
            default:
                return true;
        }
    }

    private static bool Extends(in RequestRewrite rewrite) =>
        rewrite.PeerIsTrusted && rewrite.Forwarded == ForwardedMode.Append;

    private static int LastForwardedFor(ReadOnlySpan<FieldLine> lines)
    {
        int i = lines.Length - 1;
        while (i >= 0 && lines[i].Field != KnownField.XForwardedFor)
        {
            i--;
        }

        return i;
    }

    private static void WriteForwarded(
        ref HeadCursor to,
        RequestHead head,
        ReadOnlySpan<byte> received,
        in RequestRewrite rewrite,
        int extended)
    {
        if (rewrite.Forwarded == ForwardedMode.Off)
        {
            return;
        }

        to.Write("X-Forwarded-For: "u8);
        if (extended >= 0 && !head.Fields[extended].Value.IsEmpty)
        {
            to.Write(head.Fields[extended].Value.Of(received));
            to.Write(", "u8);
        }

        to.Write(rewrite.ClientAddress);
        to.Write("\r\n"u8);

        bool extends = Extends(rewrite);
        if (!extends || head.Fields.IndexOf(KnownField.XForwardedProto) < 0)
        {
            to.WriteField("X-Forwarded-Proto: "u8, rewrite.Proto);
        }

        if (!head.Authority.IsEmpty && (!extends || head.Fields.IndexOf(KnownField.XForwardedHost) < 0))
        {
            to.WriteField("X-Forwarded-Host: "u8, head.Authority.Of(received));
        }
    }

    /// <summary>The fields for the hop to the backend, each with its connection option.</summary>
    private static void WriteHop(
        ref HeadCursor to, RequestHead head, ReadOnlySpan<byte> received, in RequestRewrite rewrite)
    {
        bool upgrades = rewrite.KeepUpgrade && head.IsUpgrade;
        if (upgrades)
        {
            to.WriteField("Upgrade: "u8, head.UpgradeProtocol.Of(received));
        }

        if (head.AcceptsTrailers)
        {
            to.Write("TE: trailers\r\n"u8);
        }

        to.WriteConnection(
            rewrite.CloseBackend ? "close"u8 : default,
            upgrades ? "upgrade"u8 : default,
            head.AcceptsTrailers ? "TE"u8 : default);
    }
}
