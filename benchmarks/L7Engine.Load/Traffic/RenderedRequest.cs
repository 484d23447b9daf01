using System.Text;
using L7Engine.Http;

namespace L7Engine.Load.Traffic;

/// <summary>The bytes of one kind of request, with room for the number of each.</summary>
internal sealed class RenderedRequest
{
    /// <summary>Digits of a number.</summary>
    public const int IdBytes = 16;

    private readonly int _idStart;

    public RenderedRequest(RequestKind kind, string host, bool saysClose)
    {
        Kind = kind;
        Method = KnownMethods.Find(Encoding.ASCII.GetBytes(kind.Method));
        string before = $"{kind.Method} {kind.Path} HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: ";
        string behind = (kind.BodyBytes > 0 ? $"\r\nContent-Length: {kind.BodyBytes}" : "")
            + (saysClose ? "\r\nConnection: close" : "") + "\r\n\r\n" + new string('x', kind.BodyBytes);
        _idStart = before.Length;
        Bytes = Encoding.ASCII.GetBytes(before + new string('0', IdBytes) + behind);
    }

    public RequestKind Kind { get; }

    public KnownMethod Method { get; }

    /// <summary>Head and body, with the number that was written last.</summary>
    public byte[] Bytes { get; }

    /// <summary>Puts the number of a request into it.</summary>
    public void Number(ulong id) => Write(id, Bytes.AsSpan(_idStart, IdBytes));

    public static void Write(ulong id, Span<byte> digits)
    {
        for (int i = IdBytes - 1; i >= 0; i--, id >>= 4)
        {
            digits[i] = "0123456789abcdef"u8[(int)(id & 15)];
        }
    }
}
