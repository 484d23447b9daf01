using System.Buffers;

namespace L7Engine.Http;

/// <summary>The byte classes of the grammar.</summary>
internal static class HttpBytes
{
    /// <summary>RFC 9110 section 5.6.2, tchar.</summary>
    public static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>0x21 to 0x7E without "#": a fragment is not sent (RFC 9112 section 3.2).</summary>
    public static readonly SearchValues<byte> Target = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>What a field value or reason phrase may not hold; CR among them ends it (RFC 9110 section
    /// 5.5).</summary>
    public static readonly SearchValues<byte> Controls = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F"u8
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"u8);

    /// <summary>A host's reg-name without the percent sign and, by choice, the comma (RFC 3986 section
    /// 3.2.2).</summary>
    public static readonly SearchValues<byte> HostName = SearchValues.Create(
        "-._~!$&'()*+;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static ReadOnlySpan<byte> OptionalSpace => " \t"u8;

    public static bool IsOptionalSpace(byte b) => b is (byte)' ' or (byte)'\t';
}
