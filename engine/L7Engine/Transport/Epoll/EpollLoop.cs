using System.Net;
using System.Net.Sockets;
using L7Engine.Diagnostics;

namespace L7Engine.Transport.Epoll;

/// <summary>A loop that waits on epoll, edge-triggered for connections and level-triggered for listeners.</summary>
internal sealed class EpollLoop : ThreadLoop
{
    private const int ReadFlags = Poller.In | Poller.PeerFinished | Poller.EdgeTriggered;

    private readonly Poller _poller = new();
    private readonly SlotTable _slots = new();
    private readonly object?[] _batch = new object?[Poller.MaxEvents];
    private readonly List<EpollListener> _paused = [];
    private int _held;

    public EpollLoop(EpollGroup group, LoopSettings settings)
        : base(settings)
    {
        Group = group;
    }

    /// <summary>The loops that share addresses with this one.</summary>
    public EpollGroup Group { get; }

    /// <summary>
    /// Accepted connections of this loop, those included that are on their way to it. From any thread.
    /// </summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Connections and listeners.</summary>
    public int SlotCount => _slots.Count;

    public override TransportListener Listen(IPEndPoint address, ListenSettings settings)
    {
        Socket socket = ListeningSocket.Open(address, settings);
        try
        {
            return new EpollListener(this, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override ValueTask<ConnectResult> ConnectAsync(
        IPEndPoint address, TcpKeepAlive keepAlive, long deadlineTick, out TransportConnection? opening)
    {
        opening = null;
        int error = RawSocket.Connect(address, keepAlive, out int descriptor);
        if (descriptor < 0)
        {
            return Ended(null, error);
        }

        var connection = new EpollConnection(this, descriptor, PeerAddress.Of(address), isAccepted: false);
        if (!TryAdd(connection, descriptor))
        {
            return Ended(null, ErrorNumber.NoBufferSpace);
        }

        opening = connection;
        if (error == ErrorNumber.InProgress)
        {
            return connection.WaitUntilOpenAsync(deadlineTick);
        }

        connection.MaySend = true;
        return Ended(connection, 0);
    }

    /// <summary>Makes a connection of an accepted descriptor, which this loop holds already.</summary>
    /// <returns>Null when the kernel has no memory to watch it; the descriptor is closed.</returns>
    internal EpollConnection? Admit(int descriptor, in PeerAddress remoteAddress)
    {
        var connection = new EpollConnection(this, descriptor, remoteAddress, isAccepted: true);
        return TryAdd(connection, descriptor) ? connection : null;
    }

    internal void Remove(EpollConnection connection, bool isAccepted)
    {
        _slots.Remove(connection.Slot);
        if (isAccepted)
        {
            Hold(-1);
        }

        // A descriptor is about to be free.
        while (_paused.Count > 0)
        {
            _paused[^1].Resume();
        }
    }

    /// <summary>Counts connections that come to this loop or leave it. From any thread.</summary>
    internal void Hold(int change)
    {
        Interlocked.Add(ref _held, change);
        Group.Hold(change);
    }

    internal int AddListener(EpollListener listener, int descriptor)
    {
        int slot = _slots.Add(listener);
        if (_poller.TryAdd(descriptor, Poller.In, slot, _slots.GenerationOf(slot)))
        {
            return slot;
        }

        _slots.Remove(slot);
        throw new SocketException((int)SocketError.NoBufferSpaceAvailable);
    }

    /// <summary>Wakes the loop for a listener that can accept, or no longer.</summary>
    internal void Watch(int descriptor, int slot, bool isOn) =>
        _poller.Modify(descriptor, isOn ? Poller.In : 0, slot, _slots.GenerationOf(slot));

    /// <summary>Has room to send told from now on, and once if there is some by now.</summary>
    internal void WatchRoom(EpollConnection connection) => _poller.Modify(
        connection.Descriptor, ReadFlags | Poller.Out, connection.Slot, _slots.GenerationOf(connection.Slot));

    internal void RemoveListener(int slot) => _slots.Remove(slot);

    /// <summary>Remembers a listener that waits for a descriptor to become free.</summary>
    internal void AddPaused(EpollListener listener) => _paused.Add(listener);

    internal void RemovePaused(EpollListener listener) => _paused.Remove(listener);

    protected override int Wait(int timeoutMilliseconds) => _poller.Wait(timeoutMilliseconds);

    protected override void Note(int index)
    {
        object? source = _slots.Find(_poller.SlotOf(index), _poller.GenerationOf(index));
        _batch[index] = source;
        if (source is EpollConnection connection)
        {
            // Both sides having finished is a hang-up too: only an error is a failure.
            int flags = _poller.FlagsOf(index);
            bool hasFailed = (flags & Poller.Error) != 0;
            connection.IsErrorReported |= hasFailed;
            connection.Note(
                readable: (flags & (Poller.In | Poller.HangUp)) != 0,
                writable: (flags & (Poller.Out | Poller.HangUp)) != 0,
                peerFinished: (flags & Poller.PeerFinished) != 0,
                failed: hasFailed);
        }
    }

    protected override void Pump(int index)
    {
        object? source = _batch[index];
        _batch[index] = null;
        if (source is EpollConnection connection)
        {
            connection.Pump();
        }
        else if (source is EpollListener listener)
        {
            listener.Pump();
        }
    }

    protected override void Wake() => _poller.Wake();

    protected override void CloseAll()
    {
        foreach (object source in _slots.ToArray())
        {
            (source as EpollConnection)?.Close();
            (source as EpollListener)?.Close();
        }
    }

    protected override void Release()
    {
        Group.Remove(this);
        _poller.Close();
    }

    private static ValueTask<ConnectResult> Ended(EpollConnection? connection, int error) =>
        new(new ConnectResult(connection, ErrorNumber.ToSocketError(error)));

    private bool TryAdd(EpollConnection connection, int descriptor)
    {
        connection.Slot = _slots.Add(connection);
        int generation = _slots.GenerationOf(connection.Slot);

        // What was just accepted has room: to be told so would be an event, and often a wake-up, for nothing.
        int flags = connection.IsRoomWatched ? ReadFlags | Poller.Out : ReadFlags;
        if (_poller.TryAdd(descriptor, flags, connection.Slot, generation))
        {
            return true;
        }

        connection.Abort();
        return false;
    }
}
