using System.Net;
using System.Net.Sockets;

namespace L7Engine.Load.Bench.Roles;

/// <summary>One port of the backend, and what was counted there.</summary>
/// <remarks>The loop's thread counts; any thread reads.</remarks>
internal sealed class BackendListener : IDisposable
{
    private const int Backlog = 4_096;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private long _accepted;
    private long _requests;

    /// <param name="closes">True to close each connection after its response.</param>
    /// <exception cref="ListenException">The port cannot be listened on.</exception>
    public BackendListener(IPEndPoint address, bool closes)
    {
        Closes = closes;
        try
        {
            _socket.Blocking = false;
            _socket.NoDelay = true;
            _socket.Bind(address);
            _socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new ListenException(address, e.SocketErrorCode);
        }

        Address = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Address { get; }

    public bool Closes { get; }

    public int Descriptor => (int)_socket.Handle;

    /// <summary>Connections since the start.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Requests that were answered since the start.</summary>
    public long Requests => Volatile.Read(ref _requests);

    public void CountConnection() => Volatile.Write(ref _accepted, _accepted + 1);

    public void CountRequest() => Volatile.Write(ref _requests, _requests + 1);

    public void Dispose() => _socket.Dispose();
}
