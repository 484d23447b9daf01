using System.Diagnostics;
using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>
/// The client connections of one loop: each has a slot, and with it a generation that is never used again.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ConnectionTable
{
    private Slot[] _slots = new Slot[64];
    private int _used;
    private int _free = -1;

    public int Count { get; private set; }

    /// <summary>Slots that are or were in use: places for <see cref="At"/>.</summary>
    public int SlotCount => _used;

    /// <summary>Called when a connection has gone.</summary>
    public Action<ClientConnection>? Removed { get; init; }

    /// <summary>Whose they are and which to close first; null while there are places enough.</summary>
    public FairEviction? Fairness { get; set; }

    public ConnectionId Add(ClientConnection connection)
    {
        int slot = TakeSlot();
        _slots[slot].Connection = connection;
        Count++;
        return new ConnectionId(slot, ++_slots[slot].Generation);
    }

    public void Remove(ConnectionId id)
    {
        ClientConnection? connection = Find(id);
        Debug.Assert(connection is not null, "A connection is removed once.");
        _slots[id.Slot].Connection = null;
        _slots[id.Slot].NextFree = _free;
        _free = id.Slot;
        Count--;
        Removed?.Invoke(connection);
    }

    /// <returns>The connection, or null when it has gone, whoever has its slot by now.</returns>
    public ClientConnection? Find(ConnectionId id) =>
        id.Slot < _used && _slots[id.Slot].Generation == id.Generation ? _slots[id.Slot].Connection : null;

    /// <returns>The connection that has the slot, or null when none has.</returns>
    public ClientConnection? At(int slot) => _slots[slot].Connection;

    /// <summary>Does something with every connection; what it does may remove any of them.</summary>
    public void ForEach(Action<ClientConnection> action)
    {
        for (int slot = 0; slot < _used; slot++)
        {
            if (_slots[slot].Connection is { } connection)
            {
                action(connection);
            }
        }
    }

    private int TakeSlot()
    {
        if (_free >= 0)
        {
            int slot = _free;
            _free = _slots[slot].NextFree;
            return slot;
        }

        if (_used == _slots.Length)
        {
            // By half: what is twice as large as needed is memory that each connection pays for.
            Array.Resize(ref _slots, _slots.Length + (_slots.Length / 2));
        }

        return _used++;
    }

    private struct Slot
    {
        public ClientConnection? Connection;
        public uint Generation;
        public int NextFree;
    }
}
