using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.Benchmarks;

/// <summary>A server on a free port of the loopback: the same answer to every request. None may have a body.</summary>
/// <remarks>It allocates for a connection, not for a request.</remarks>
internal sealed class LoopbackBackend : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _answer;

    /// <param name="bodyBytes">Of each answer.</param>
    public LoopbackBackend(int bodyBytes)
    {
        _answer = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {bodyBytes}\r\n\r\n{new string('b', bodyBytes)}");
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1_024);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _ = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end: the listener was closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket owned = client;
        client.NoDelay = true;
        byte[] received = new byte[4 * 1_024];
        int count = 0;
        try
        {
            while (await client.ReceiveAsync(received.AsMemory(count)) is var more and > 0)
            {
                count += more;
                if (!received.AsSpan(0, count).EndsWith("\r\n\r\n"u8))
                {
                    continue;
                }

                bool closes = received.AsSpan(0, count).IndexOf("Connection: close"u8) >= 0;
                count = 0;
                await client.SendAsync(_answer.AsMemory());
                if (closes)
                {
                    break;
                }
            }

            client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer is gone.
        }
    }
}
