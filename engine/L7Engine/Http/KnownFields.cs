namespace L7Engine.Http;

/// <summary>Finds the fields that matter by name, whatever its case, and the names that pretend to be one of
/// them.</summary>
internal static class KnownFields
{
    /// <summary>Length and first letter leave at most one candidate, which is then compared in full.</summary>
    public static KnownField Find(ReadOnlySpan<byte> name)
    {
        KnownField field = (name.Length, name[0] | 0x20) switch
        {
            (2, 't') => Match(name, "te"u8, KnownField.TE),
            (3, 'v') => Match(name, "via"u8, KnownField.Via),
            (4, 'h') => Match(name, "host"u8, KnownField.Host),
            (4, 'd') => Match(name, "date"u8, KnownField.Date),
            (6, 'c') => Match(name, "cookie"u8, KnownField.Cookie),
            (6, 'e') => Match(name, "expect"u8, KnownField.Expect),
            (7, 'u') => Match(name, "upgrade"u8, KnownField.Upgrade),
            (7, 't') => Match(name, "trailer"u8, KnownField.Trailer),
            (9, 'f') => Match(name, "forwarded"u8, KnownField.Forwarded),
            (9, 'x') => Match(name, "x-real-ip"u8, KnownField.XRealIp),
            (10, 'c') => Match(name, "connection"u8, KnownField.Connection),
            (10, 'k') => Match(name, "keep-alive"u8, KnownField.KeepAlive),
            (10, 's') => Match(name, "set-cookie"u8, KnownField.SetCookie),
            (12, 'c') => Match(name, "content-type"u8, KnownField.ContentType),
            (12, 'm') => Match(name, "max-forwards"u8, KnownField.MaxForwards),
            (13, 'a') => Match(name, "authorization"u8, KnownField.Authorization),
            (13, 'c') => Match(name, "content-range"u8, KnownField.ContentRange),
            (14, 'c') => Match(name, "content-length"u8, KnownField.ContentLength),
            (14, 'h') => Match(name, "http2-settings"u8, KnownField.Http2Settings),
            (15, 'x') => Match(name, "x-forwarded-for"u8, KnownField.XForwardedFor),
            (16, 'c') => Match(name, "content-encoding"u8, KnownField.ContentEncoding),
            (16, 'p') => Match(name, "proxy-connection"u8, KnownField.ProxyConnection),
            (16, 'w') => Match(name, "www-authenticate"u8, KnownField.WwwAuthenticate),
            (16, 'x') => Match(name, "x-forwarded-host"u8, KnownField.XForwardedHost),
            (17, 't') => Match(name, "transfer-encoding"u8, KnownField.TransferEncoding),
            (17, 'x') => Match(name, "x-forwarded-proto"u8, KnownField.XForwardedProto),
            (18, 'p') => Match(name, "proxy-authenticate"u8, KnownField.ProxyAuthenticate),
            (19, 'a') => Match(name, "authentication-info"u8, KnownField.AuthenticationInfo),
            (19, 'p') => Match(name, "proxy-authorization"u8, KnownField.ProxyAuthorization),
            (25, 'p') => Match(name, "proxy-authentication-info"u8, KnownField.ProxyAuthenticationInfo),
            _ => KnownField.Other,
        };

        return field == KnownField.Other && name.Length > ForwardedPrefix.Length ? FindByParts(name) : field;
    }

    private static ReadOnlySpan<byte> ForwardedPrefix => "x-forwarded-"u8;

    private static KnownField FindByParts(ReadOnlySpan<byte> name)
    {
        if ((name[0] | 0x20) == 'x')
        {
            return Match(name[..ForwardedPrefix.Length], ForwardedPrefix, KnownField.XForwardedOther);
        }

        return ReadsAsFraming(name) ? KnownField.FramingLookalike : KnownField.Other;
    }

    /// <param name="lowerCase">The name that is looked for: small letters, digits and "-".</param>
    private static KnownField Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase, KnownField field)
    {
        bool isExact = true;
        for (int i = 0; i < name.Length; i++)
        {
            // CGI and its heirs map "-" to "_", so that both spellings become one variable there.
            int letter = name[i] == '_' ? '-' : name[i] | 0x20;
            if (letter != lowerCase[i])
            {
                return KnownField.Other;
            }

            isExact &= name[i] != '_';
        }

        return isExact ? field : Pretender(field);
    }

    private static KnownField Pretender(KnownField field) => field switch
    {
        KnownField.ContentLength or KnownField.TransferEncoding => KnownField.FramingLookalike,
        KnownField.ContentType or KnownField.ContentEncoding or KnownField.ContentRange => KnownField.Other,
        KnownField.SetCookie or KnownField.WwwAuthenticate or KnownField.AuthenticationInfo => KnownField.Other,
        _ => KnownField.Lookalike,
    };

    /// <summary>True when only signs other than letters tell the name from a framing field's.</summary>
    private static bool ReadsAsFraming(ReadOnlySpan<byte> name)
    {
        int last = name.Length - 1;
        while (last > 0 && !char.IsAsciiLetter((char)name[last]))
        {
            last--;
        }

        return (name[last] | 0x20) switch
        {
            'h' => LettersAre(name, "contentlength"u8),
            'g' => LettersAre(name, "transferencoding"u8),
            _ => false,
        };
    }

    private static bool LettersAre(ReadOnlySpan<byte> name, ReadOnlySpan<byte> letters)
    {
        int matched = 0;
        foreach (byte b in name)
        {
            if (!char.IsAsciiLetter((char)b))
            {
                continue;
            }

            if (matched == letters.Length || (b | 0x20) != letters[matched])
            {
                return false;
            }

            matched++;
        }

        return matched == letters.Length;
    }
}
