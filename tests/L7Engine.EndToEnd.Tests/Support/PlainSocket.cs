using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A client's connection that blocks its thread: thousands of them cost little more than their sockets.</summary>
internal sealed class PlainSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _one = new byte[1];

    /// <param name="from">The client's address, one of 127.0.0.0/8.</param>
    public PlainSocket(IPAddress from, IPEndPoint to)
    {
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)Patience.Cap.TotalMilliseconds;
        _socket.Bind(new IPEndPoint(from, 0));
        _socket.Connect(to);
    }

    /// <summary>True when the other side has ended it: what it sent before must have been read.</summary>
    public bool HasEnded => _socket.Poll(0, SelectMode.SelectRead);

    public void Send(string text) => _socket.Send(Encoding.ASCII.GetBytes(text));

    /// <summary>Receives up to the end of a response whose end is known.</summary>
    /// <returns>The response, or what came of it.</returns>
    public string Receive(string end)
    {
        byte[] buffer = new byte[1_024];
        int length = 0;
        while (!Encoding.ASCII.GetString(buffer, 0, length).EndsWith(end, StringComparison.Ordinal))
        {
            int received = _socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            if (received == 0)
            {
                break;
            }

            length += received;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <returns>0 when it ended in good order; waits for that without a thread.</returns>
    public async Task<int> EndAsync() => await _socket.ReceiveAsync(_one);

    public void Dispose() => _socket.Dispose();
}
