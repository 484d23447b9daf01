using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.Host.Demo;

/// <summary>Reads the heads and bodies of the demo's own small messages off a connection.</summary>
/// <remarks>It is no parser for messages of strangers: the engine has one, which is what the demo shows.</remarks>
internal sealed class MessageReader(Socket socket)
{
    private readonly byte[] _buffer = new byte[8 * 1_024];
    private int _start;
    private int _end;

    /// <returns>Start line and fields; null when the connection ended before a whole head.</returns>
    public async ValueTask<string?> ReadHeadAsync(CancellationToken cancellation)
    {
        int headBytes;
        while ((headBytes = Received.IndexOf("\r\n\r\n"u8) + 4) < 4)
        {
            if (!await ReceiveAsync(cancellation))
            {
                return null;
            }
        }

        return Take(headBytes);
    }

    /// <returns>The body; null when the connection ended before it was whole.</returns>
    public async ValueTask<string?> ReadBodyAsync(int bodyBytes, CancellationToken cancellation)
    {
        while (_end - _start < bodyBytes)
        {
            if (!await ReceiveAsync(cancellation))
            {
                return null;
            }
        }

        return Take(bodyBytes);
    }

    /// <returns>The value of Content-Length; -1 when there is none.</returns>
    public static int BodyBytesOf(string head)
    {
        const string name = "\r\nContent-Length:";
        int start = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        int end = start < 0 ? -1 : head.IndexOf('\r', start + name.Length);
        return end > 0 && int.TryParse(
            head.AsSpan(start + name.Length, end - start - name.Length), CultureInfo.InvariantCulture, out int bytes)
                ? bytes
                : -1;
    }

    public static bool SaysClose(string head) =>
        head.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase);

    private ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    private string Take(int bytes)
    {
        string text = Encoding.Latin1.GetString(_buffer, _start, bytes);
        _start += bytes;
        return text;
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellation)
    {
        Received.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int count = _end == _buffer.Length ? 0 : await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
        _end += count;
        return count > 0;
    }
}
