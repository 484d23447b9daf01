using System.Diagnostics;
using System.Numerics;
using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>Clients by how many connections without an exchange each has, and which has the most.</summary>
/// <remarks>
/// Not thread-safe: one thread owns it. A count changes by one, so a client moves to the next ring, and the top of them
/// rises or falls by one at most: all of it is O(1).
/// <code>
///   1: client ◄─► client ◄─► client      A ring for each count. Who has come to a count first
///   2:                                   is the first of its ring.
///   3: client ◄─► client     ◄── top
/// </code>
/// Clients are known by numbers from 1, so that a link of 0 is none. They are found in chains by hash, kept in the same
/// entries: a dictionary would hold every key twice.
/// </remarks>
/// <param name="clients">How many to make room for at first: growing leaves what was too small behind.</param>
internal sealed class ClientRanking(int clients)
{
    private Entry[] _entries = new Entry[clients + 1];
    private int[] _chains = new int[BitOperations.RoundUpToPowerOf2((uint)clients + 1)];
    private int[] _rings = new int[16];
    private int _used;
    private int _free;

    /// <summary>The highest count that a client has; 0 when none has any.</summary>
    public int Top { get; private set; }

    /// <summary>The client that has had the highest count for the longest; 0 when none has any.</summary>
    public int First => _rings[Top];

    /// <summary>Clients with an open connection, whatever it carries.</summary>
    public int ClientCount { get; private set; }

    public int CountOf(int client) => _entries[client].Count;

    /// <summary>Finds or adds the client of a connection that was opened.</summary>
    /// <returns>Its number, until as many of its connections were closed.</returns>
    public int Open(ClientKey key)
    {
        int client = Find(key);
        if (client == 0)
        {
            client = TakeNumber();
            _entries[client] = new Entry { Key = key };
            Chain(client);
            ClientCount++;
        }

        _entries[client].Open++;
        return client;
    }

    /// <summary>Takes note of a connection that was closed; it must not count any more.</summary>
    public void Close(int client)
    {
        ref Entry entry = ref _entries[client];
        if (--entry.Open == 0)
        {
            Debug.Assert(entry.Count == 0, "What is closed does not count.");
            Unchain(client);
            ClientCount--;
            entry.Next = _free;
            _free = client;
        }
    }

    /// <summary>A connection of the client carries no exchange from here on.</summary>
    public void Raise(int client)
    {
        ref Entry entry = ref _entries[client];
        Debug.Assert(entry.Count < entry.Open);
        if (entry.Count > 0)
        {
            Unlink(client);
        }

        entry.Count++;
        Top = Math.Max(Top, entry.Count);
        Link(client);
    }

    /// <summary>A connection of the client carries an exchange from here on, or is being closed.</summary>
    public void Lower(int client)
    {
        ref Entry entry = ref _entries[client];
        Debug.Assert(entry.Count > 0);
        Unlink(client);
        if (entry.Count == Top && _rings[Top] == 0)
        {
            Top--;
        }

        entry.Count--;
        if (entry.Count > 0)
        {
            Link(client);
        }
    }

    private int TakeNumber()
    {
        if (_free > 0)
        {
            int client = _free;
            _free = _entries[client].Next;
            return client;
        }

        if (_used + 1 == _entries.Length)
        {
            Grow();
        }

        return ++_used;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, 2 * _entries.Length);
        _chains = new int[BitOperations.RoundUpToPowerOf2((uint)_entries.Length)];
        for (int client = 1; client <= _used; client++)
        {
            Chain(client);
        }
    }

    private ref int ChainOf(ClientKey key) => ref _chains[(int)key.Hash & (_chains.Length - 1)];

    private int Find(ClientKey key)
    {
        int client = ChainOf(key);
        while (client != 0 && _entries[client].Key != key)
        {
            client = _entries[client].NextInChain;
        }

        return client;
    }

    private void Chain(int client)
    {
        ref int first = ref ChainOf(_entries[client].Key);
        _entries[client].NextInChain = first;
        first = client;
    }

    private void Unchain(int client)
    {
        ref int link = ref ChainOf(_entries[client].Key);
        while (link != client)
        {
            link = ref _entries[link].NextInChain;
        }

        link = _entries[client].NextInChain;
    }

    private void Link(int client)
    {
        ref Entry entry = ref _entries[client];
        if (entry.Count >= _rings.Length)
        {
            Array.Resize(ref _rings, 2 * _rings.Length);
        }

        int first = _rings[entry.Count];
        if (first == 0)
        {
            _rings[entry.Count] = entry.Next = entry.Previous = client;
            return;
        }

        int last = _entries[first].Previous;
        (entry.Previous, entry.Next) = (last, first);
        _entries[last].Next = _entries[first].Previous = client;
    }

    private void Unlink(int client)
    {
        ref Entry entry = ref _entries[client];
        ref int first = ref _rings[entry.Count];
        if (entry.Next == client)
        {
            first = 0;
            return;
        }

        _entries[entry.Previous].Next = entry.Next;
        _entries[entry.Next].Previous = entry.Previous;
        first = first == client ? entry.Next : first;
    }

    private struct Entry
    {
        public ClientKey Key;
        public int Open;
        public int Count;
        public int Next;
        public int Previous;
        public int NextInChain;
    }
}
