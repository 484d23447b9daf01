using System.Net;
using System.Net.Sockets;
using L7Engine.Diagnostics;

namespace L7Engine.Transport.Portable;

/// <summary>A loop that waits on a queue, into which the system's threads put what has ended.</summary>
internal sealed class PortableLoop(PortableTransport transport, LoopSettings settings) : ThreadLoop(settings)
{
    private readonly object _lock = new();
    private readonly HashSet<PortableConnection> _connections = [];
    private readonly HashSet<PortableListener> _listeners = [];
    private List<INotice> _added = [];
    private List<INotice> _batch = [];
    private bool _isWoken;
    private int _held;

    /// <summary>Accepted connections of this loop, with those on their way to it. From any thread.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Open connections and listeners.</summary>
    public int OpenCount => _connections.Count + _listeners.Count;

    public override TransportListener Listen(IPEndPoint address, ListenSettings settings)
    {
        var listener = new PortableListener(this, transport.Join(address, settings), settings.KeepAlive);
        _listeners.Add(listener);
        return listener;
    }

    public override ValueTask<ConnectResult> ConnectAsync(
        IPEndPoint address, TcpKeepAlive keepAlive, long deadlineTick, out TransportConnection? opening)
    {
        opening = null;
        PortableConnection connection;
        try
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            SocketOptions.Set(socket, keepAlive);
            connection = new PortableConnection(
                this, socket, keepAlive, PeerAddress.Of(address), isAccepted: false);
        }
        catch (SocketException exception)
        {
            return new ValueTask<ConnectResult>(new ConnectResult(null, exception.SocketErrorCode));
        }

        opening = connection;
        _connections.Add(connection);
        connection.Connect(address);
        return connection.WaitUntilOpenAsync(deadlineTick);
    }

    /// <summary>Gives the loop something to note. From any thread.</summary>
    internal void Add(INotice notice)
    {
        lock (_lock)
        {
            _added.Add(notice);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Makes a connection of an accepted socket, which this loop holds already.</summary>
    /// <returns>Null when the peer has gone meanwhile.</returns>
    internal PortableConnection? Admit(Socket socket, TcpKeepAlive keepAlive)
    {
        try
        {
            SocketOptions.Set(socket, keepAlive);
            var peer = PeerAddress.Of((IPEndPoint)socket.RemoteEndPoint!);
            var connection = new PortableConnection(this, socket, keepAlive, peer, isAccepted: true);
            _connections.Add(connection);
            connection.Watch();
            return connection;
        }
        catch (SocketException)
        {
            socket.Dispose();
            Hold(-1);
            return null;
        }
    }

    internal void Remove(PortableConnection connection, bool isAccepted)
    {
        _connections.Remove(connection);
        if (isAccepted)
        {
            Hold(-1);
        }

        // A descriptor is about to be free.
        foreach (PortableListener listener in _listeners)
        {
            listener.Resume();
        }
    }

    internal void Remove(PortableListener listener) => _listeners.Remove(listener);

    /// <summary>Counts connections that come to this loop or leave it. From any thread.</summary>
    internal void Hold(int change) => Interlocked.Add(ref _held, change);

    protected override int Wait(int timeoutMilliseconds)
    {
        _batch.Clear();
        lock (_lock)
        {
            if (_added.Count == 0 && !_isWoken && timeoutMilliseconds != 0)
            {
                Monitor.Wait(_lock, timeoutMilliseconds);
            }

            _isWoken = false;
            (_added, _batch) = (_batch, _added);
        }

        return _batch.Count;
    }

    protected override void Note(int index) => _batch[index].Note();

    protected override void Pump(int index) => _batch[index].Pump();

    protected override void Wake()
    {
        lock (_lock)
        {
            _isWoken = true;
            Monitor.Pulse(_lock);
        }
    }

    protected override void CloseAll()
    {
        foreach (PortableConnection connection in _connections.ToArray())
        {
            connection.Close();
        }

        foreach (PortableListener listener in _listeners.ToArray())
        {
            listener.Close();
        }
    }

    protected override void Release()
    {
        // What ends from here on ends at a closed connection; nobody notes it. No listener asks any more.
        lock (_lock)
        {
            foreach (Accepted accepted in _added.OfType<Accepted>())
            {
                accepted.Socket?.Dispose();
            }
        }
    }
}
