using System.Net;
using System.Net.Sockets;

namespace L7Engine.Transport.Portable;

/// <summary>The listening socket of an address, for all loops: who asks and has fewest connections gets one.</summary>
/// <remarks>
/// Thread-safe. One socket, because not every system spreads connections over several; no more is accepted than was
/// asked for, so that the rest waits in the backlog.
/// </remarks>
internal sealed class Acceptor : SocketAsyncEventArgs
{
    private readonly Lock _lock = new();
    private readonly PortableTransport _transport;
    private readonly Socket _socket;
    private readonly List<PortableListener> _members = [];
    private readonly List<PortableListener> _asking = [];
    private readonly Queue<Socket> _spare = new();
    private bool _isAccepting;

    public Acceptor(PortableTransport transport, IPEndPoint address, in ListenSettings settings)
        : base(true)
    {
        _transport = transport;
        _socket = SocketOptions.Listen(address, settings);
        Address = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Address { get; }

    public void Add(PortableListener listener)
    {
        lock (_lock)
        {
            _members.Add(listener);
        }
    }

    public void SetBacklog(int backlog)
    {
        lock (_lock)
        {
            _socket.Listen(backlog);
        }
    }

    public void Remove(PortableListener listener)
    {
        lock (_lock)
        {
            _asking.Remove(listener);
            _members.Remove(listener);
            if (_members.Count > 0)
            {
                return;
            }

            _transport.Remove(this);
            _socket.Dispose();
            Dispose();
            while (_spare.TryDequeue(out Socket? socket))
            {
                Reset(socket);
            }
        }
    }

    /// <summary>Asks for one connection; it, or the error in its place, is a notice for the listener's loop.</summary>
    public void Ask(PortableListener listener)
    {
        lock (_lock)
        {
            _asking.Add(listener);
            GoOn();
        }
    }

    /// <summary>Takes back what was asked.</summary>
    /// <returns>False when the answer is under way.</returns>
    public bool TryWithdraw(PortableListener listener)
    {
        lock (_lock)
        {
            return _asking.Remove(listener);
        }
    }

    /// <summary>Gives a connection to another loop, because the one that it was for has stopped listening.</summary>
    public void GiveBack(Socket socket)
    {
        lock (_lock)
        {
            if (_members.Count == 0)
            {
                Reset(socket);
                return;
            }

            _spare.Enqueue(socket);
            GoOn();
        }
    }

    /// <summary>Whether nobody waits to be accepted.</summary>
    public bool IsBacklogEmpty()
    {
        lock (_lock)
        {
            return _spare.Count == 0 && !_socket.Poll(0, SelectMode.SelectRead);
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        lock (_lock)
        {
            OnAcceptedLocked();
            GoOn();
        }
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private void GoOn()
    {
        while (_asking.Count > 0 && _spare.TryDequeue(out Socket? socket))
        {
            AnswerLocked(socket, SocketError.Success);
        }

        while (_asking.Count > 0 && !_isAccepting && _members.Count > 0)
        {
            _isAccepting = true;
            AcceptSocket = null;
            if (_socket.AcceptAsync(this))
            {
                return;
            }

            OnAcceptedLocked();
        }
    }

    private void OnAcceptedLocked()
    {
        _isAccepting = false;
        Socket? socket = SocketError == SocketError.Success ? AcceptSocket : null;
        AcceptSocket = null;
        if (_asking.Count > 0)
        {
            AnswerLocked(socket, SocketError);
        }
        else if (socket is not null && _members.Count > 0)
        {
            _spare.Enqueue(socket);
        }
        else if (socket is not null)
        {
            Reset(socket);
        }
    }

    private void AnswerLocked(Socket? socket, SocketError error)
    {
        PortableListener fewest = _asking.MinBy(listener => listener.Loop.Held)!;
        _asking.Remove(fewest);
        if (socket is not null)
        {
            fewest.Loop.Hold(1);
        }

        fewest.Loop.Add(new Accepted(fewest, socket, error));
    }
}
