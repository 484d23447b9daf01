using System.Text;
using L7Engine.Load.Traffic;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The bytes of a response of one size, with room for the number of each.</summary>
internal sealed class RenderedResponse
{
    private readonly int _idStart;

    public RenderedResponse(int bodyBytes, bool saysClose)
    {
        string before = $"HTTP/1.1 200 OK\r\nContent-Length: {bodyBytes}\r\nContent-Type: text/plain\r\nX-Request-Id: ";
        string behind = (saysClose ? "\r\nConnection: close" : "") + "\r\n\r\n";
        _idStart = before.Length;
        Bytes = Encoding.ASCII.GetBytes(
            before + new string('0', RenderedRequest.IdBytes) + behind + new string('x', bodyBytes));
    }

    /// <summary>Head and body, with the number that was written last.</summary>
    public byte[] Bytes { get; }

    /// <summary>Puts the number of a request into it; of another length than it should have, none.</summary>
    public void Number(ReadOnlySpan<byte> id)
    {
        if (id.Length == RenderedRequest.IdBytes)
        {
            id.CopyTo(Bytes.AsSpan(_idStart));
        }
    }
}
