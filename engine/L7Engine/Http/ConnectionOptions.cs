using System.Text;

namespace L7Engine.Http;

/// <summary>What the Connection fields of one head say (RFC 9110 section 7.6.1).</summary>
internal struct ConnectionOptions(int maxOptions, bool isRequest)
{
    private int _count;

    public bool HasClose { get; private set; }

    public bool HasKeepAlive { get; private set; }

    public bool HasUpgrade { get; private set; }

    /// <summary>Reads one Connection field and marks the lines that its options name.</summary>
    public HttpFault Add(ReadOnlySpan<byte> received, ReadOnlySpan<byte> value, FieldTable fields)
    {
        foreach (ReadOnlySpan<byte> option in new ListElements(value))
        {
            if (option.ContainsAnyExcept(HttpBytes.Token))
            {
                return HttpFault.BadConnectionOption;
            }

            if (++_count > maxOptions)
            {
                return HttpFault.TooManyConnectionOptions;
            }

            if (!TryKnown(option))
            {
                if (IsForbidden(KnownFields.Find(option)))
                {
                    return HttpFault.ForbiddenConnectionOption;
                }

                Nominate(received, option, fields);
            }
        }

        return HttpFault.None;
    }

    private bool TryKnown(ReadOnlySpan<byte> option)
    {
        switch (option.Length)
        {
            case 5 when Ascii.EqualsIgnoreCase(option, "close"u8):
                return HasClose = true;
            case 10 when Ascii.EqualsIgnoreCase(option, "keep-alive"u8):
                return HasKeepAlive = true;
            case 7 when Ascii.EqualsIgnoreCase(option, "upgrade"u8):
                return HasUpgrade = true;
            default:
                return false;
        }
    }

    /// <summary>True for the fields that nobody may have removed on the way (CVE-2022-31813 and its kin).</summary>
    private readonly bool IsForbidden(KnownField field) => field switch
    {
        KnownField.ContentLength or KnownField.TransferEncoding or KnownField.FramingLookalike => true,
        KnownField.SetCookie => !isRequest,
        KnownField.Host or KnownField.Trailer or KnownField.ContentType or KnownField.Expect => isRequest,
        KnownField.MaxForwards or KnownField.Authorization or KnownField.Cookie or KnownField.Via => isRequest,
        KnownField.Forwarded or KnownField.XRealIp or KnownField.XForwardedFor => isRequest,
        KnownField.XForwardedProto or KnownField.XForwardedHost or KnownField.XForwardedOther => isRequest,
        _ => false,
    };

    private static void Nominate(ReadOnlySpan<byte> received, ReadOnlySpan<byte> option, FieldTable fields)
    {
        // At most 16 options by 200 lines, and nearly all are told apart by their length.
        for (int i = 0; i < fields.Count; i++)
        {
            ByteRange name = fields[i].Name;
            if (name.Length == option.Length && Ascii.EqualsIgnoreCase(name.Of(received), option))
            {
                fields.Nominate(i);
            }
        }
    }
}
