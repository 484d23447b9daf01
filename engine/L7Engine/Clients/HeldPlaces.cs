using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>The places that one connection holds of its client's caps, and gives back once.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A mutable struct of two bytes, as every connection has one: do not copy
/// it. Who the client is it is told each time, by an address that does not change while a place is held.
/// </remarks>
internal struct HeldPlaces
{
    private Holding _holding;
    private byte _prefixBits;

    private enum Holding : byte
    {
        /// <summary>It was not counted: there was no cap when it was accepted.</summary>
        None,

        /// <summary>It is never counted: it carries more than one client.</summary>
        Exempt,
        Open,
        Persistent,
    }

    /// <summary>The connection carries many clients, none of whom is known: no cap is for it.</summary>
    public void Exempt() => _holding = Holding.Exempt;

    /// <summary>Takes a place for the connection.</summary>
    /// <returns>False when its client has as many connections as it may.</returns>
    public bool TryEnter(ClientTable clients, in PeerAddress client, ClientCapsOptions caps) =>
        !caps.HasAny || TryEnter(clients, client, caps, caps.Connections);

    /// <summary>Whether a place must be taken before the connection may persist.</summary>
    public readonly bool NeedsPlaceToPersist(ClientCapsOptions caps) =>
        caps.Persistent > 0 && _holding is Holding.None or Holding.Open;

    /// <summary>Takes a place among the persistent connections of the client, unless it is held already.</summary>
    /// <returns>False when the client has as many of them as it may.</returns>
    public bool TryPersist(ClientTable clients, in PeerAddress client, ClientCapsOptions caps)
    {
        if (!NeedsPlaceToPersist(caps))
        {
            return true;
        }

        if (_holding == Holding.None)
        {
            // Accepted before there was a cap: it is not refused any more, but it counts from here on.
            TryEnter(clients, client, caps, cap: 0);
        }

        bool persists = clients.TryPersist(ClientKey.Of(client, _prefixBits), caps.Persistent);
        _holding = persists ? Holding.Persistent : Holding.Open;
        return persists;
    }

    /// <summary>The connection stays open, but not for requests.</summary>
    public void EndPersistence(ClientTable clients, in PeerAddress client)
    {
        if (_holding == Holding.Persistent)
        {
            clients.EndPersistence(ClientKey.Of(client, _prefixBits));
            _holding = Holding.Open;
        }
    }

    /// <summary>Gives back what is held: the connection is closed.</summary>
    public void Leave(ClientTable clients, in PeerAddress client)
    {
        if (_holding is Holding.Open or Holding.Persistent)
        {
            clients.Leave(ClientKey.Of(client, _prefixBits), _holding == Holding.Persistent);
        }

        _holding = Holding.None;
    }

    // A key must be found again under another configuration: the length of the prefix is kept.
    private bool TryEnter(ClientTable clients, in PeerAddress client, ClientCapsOptions caps, int cap)
    {
        _prefixBits = (byte)caps.IPv6PrefixLength;
        bool enters = clients.TryEnter(ClientKey.Of(client, _prefixBits), cap);
        _holding = enters ? Holding.Open : Holding.None;
        return enters;
    }
}
