using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>One TCP connection, either end: sends exact bytes, and reads messages.</summary>
/// <remarks>Not thread-safe, but one may send while another reads.</remarks>
internal sealed class WireStream(Socket socket) : IDisposable
{
    private readonly CancellationTokenSource _cap = new(Patience.Cap + Patience.Cap);
    private byte[] _buffer = new byte[64 * 1_024];
    private int _start;
    private int _end;

    public Socket Socket => socket;

    public static async Task<WireStream> ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var cap = new CancellationTokenSource(Patience.Cap);
            await socket.ConnectAsync(address, cap.Token);
            return new WireStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, _cap.Token)..];
        }
    }

    /// <summary>Sends FIN.</summary>
    public void Finish() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <returns>The head, or null when the peer finished instead.</returns>
    public async Task<WireHead?> ReadHeadAsync()
    {
        int length;
        while ((length = Received.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await ReceiveAsync())
            {
                return _start == _end ? null : throw new EndOfStreamException("The stream ended within a head.");
            }
        }

        string text = Encoding.Latin1.GetString(Received[..(length + 4)]);
        _start += length + 4;
        return new WireHead(text);
    }

    /// <returns>How many bytes were read; 0 at the end.</returns>
    public async Task<int> ReadAsync(Memory<byte> destination)
    {
        if (_start == _end)
        {
            return await socket.ReceiveAsync(destination, _cap.Token);
        }

        int count = Math.Min(_end - _start, destination.Length);
        _buffer.AsSpan(_start, count).CopyTo(destination.Span);
        _start += count;
        return count;
    }

    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await ReadAsync(bytes.AsMemory(at));
            at += read > 0 ? read : throw new EndOfStreamException($"The stream ended at {at} of {count} bytes.");
        }

        return bytes;
    }

    public async Task<byte[]> ReadToEndAsync()
    {
        var body = new MemoryStream();
        byte[] block = new byte[16 * 1_024];
        while (await ReadAsync(block) is int read and > 0)
        {
            body.Write(block, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>Reads up to the next line end, and leaves that out.</summary>
    public async Task<string> ReadLineAsync()
    {
        int length;
        while ((length = Received.IndexOf("\r\n"u8)) < 0)
        {
            if (!await ReceiveAsync())
            {
                throw new EndOfStreamException("The stream ended within a line.");
            }
        }

        string line = Encoding.Latin1.GetString(Received[..length]);
        _start += length + 2;
        return line;
    }

    public void Dispose()
    {
        socket.Dispose();
        _cap.Dispose();
    }

    private ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    private async Task<bool> ReceiveAsync()
    {
        Received.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = await socket.ReceiveAsync(_buffer.AsMemory(_end), _cap.Token);
        _end += read;
        return read > 0;
    }
}
