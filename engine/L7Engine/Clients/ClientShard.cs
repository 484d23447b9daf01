using System.Diagnostics;
using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>A part of the clients of a <see cref="ClientTable"/>: a small open-addressing table under a lock.</summary>
/// <remarks>
/// Thread-safe. An entry goes with the last connection of its client, and those behind it move up, so that no trace of
/// it lengthens a search (Knuth, The Art of Computer Programming 3, section 6.4, algorithm R).
/// </remarks>
internal sealed class ClientShard
{
    private const int LeastPlaces = 4;

    private readonly Lock _lock = new();
    private Entry[] _entries = [];
    private int _count;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public bool TryEnter(in ClientKey client, int cap)
    {
        lock (_lock)
        {
            if (4 * (_count + 1) > 3 * _entries.Length)
            {
                ResizeLocked(Math.Max(LeastPlaces, 2 * _entries.Length));
            }

            ref Entry entry = ref _entries[PlaceOfLocked(client)];
            if (cap > 0 && entry.Open >= cap)
            {
                return false;
            }

            _count += entry.Open == 0 ? 1 : 0;
            entry.Client = client;
            entry.Open++;
            return true;
        }
    }

    public bool TryPersist(in ClientKey client, int cap)
    {
        lock (_lock)
        {
            ref Entry entry = ref OpenEntryLocked(client);
            if (cap > 0 && entry.Persistent >= cap)
            {
                return false;
            }

            entry.Persistent++;
            Debug.Assert(entry.Persistent <= entry.Open, "What persists is open.");
            return true;
        }
    }

    public void EndPersistence(in ClientKey client)
    {
        lock (_lock)
        {
            ref Entry entry = ref OpenEntryLocked(client);
            entry.Persistent--;
            Debug.Assert(entry.Persistent >= 0, "A place is given back once.");
        }
    }

    public void Leave(in ClientKey client, bool isPersistent)
    {
        lock (_lock)
        {
            ref Entry entry = ref OpenEntryLocked(client);
            entry.Persistent -= isPersistent ? 1 : 0;
            entry.Open--;
            Debug.Assert(entry.Persistent >= 0 && entry.Persistent <= entry.Open, "A place is given back once.");
            if (entry.Open == 0)
            {
                RemoveLocked(PlaceOfLocked(client));
            }
        }
    }

    public ClientCounts CountsOf(in ClientKey client)
    {
        lock (_lock)
        {
            if (_entries.Length == 0)
            {
                return default;
            }

            Entry entry = _entries[PlaceOfLocked(client)];
            return new ClientCounts(entry.Open, entry.Persistent);
        }
    }

    private ref Entry OpenEntryLocked(in ClientKey client)
    {
        ref Entry entry = ref _entries[PlaceOfLocked(client)];
        Debug.Assert(entry.Open > 0, "A client that was entered is there.");
        return ref entry;
    }

    /// <returns>Where the client is, or the free place where it belongs.</returns>
    private int PlaceOfLocked(in ClientKey client)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        int mask = _entries.Length - 1;
        int place = HomeOf(client) & mask;
        while (_entries[place].Open > 0 && _entries[place].Client != client)
        {
            place = (place + 1) & mask;
        }

        return place;
    }

    private void RemoveLocked(int hole)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        int mask = _entries.Length - 1;
        for (int place = (hole + 1) & mask; _entries[place].Open > 0; place = (place + 1) & mask)
        {
            // It may move up to the hole unless a search for it would begin behind that.
            int way = (place - HomeOf(_entries[place].Client)) & mask;
            if (way >= ((place - hole) & mask))
            {
                _entries[hole] = _entries[place];
                hole = place;
            }
        }

        _entries[hole] = default;
        _count--;

        // What a flood of addresses has blown up shrinks again.
        if (_entries.Length > LeastPlaces && 8 * _count <= _entries.Length)
        {
            ResizeLocked(_entries.Length / 2);
        }
    }

    private void ResizeLocked(int places)
    {
        Debug.Assert(int.IsPow2(places));
        Entry[] old = _entries;
        _entries = new Entry[places];
        foreach (Entry entry in old)
        {
            if (entry.Open > 0)
            {
                _entries[PlaceOfLocked(entry.Client)] = entry;
            }
        }
    }

    // The low bits have chosen the shard.
    private static int HomeOf(in ClientKey client) => (int)(client.Hash >> 32);

    private struct Entry
    {
        public ClientKey Client;
        public int Open;
        public int Persistent;
    }
}
