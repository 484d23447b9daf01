namespace L7Engine.Clients;

/// <summary>The steps in which a client's connection is closed, in their order.</summary>
internal enum CloseStep
{
    /// <summary>Gives up the exchange that a bug ended in the middle.</summary>
    Abandon,

    /// <summary>Learns why it ends, of the peer, too.</summary>
    Look,

    /// <summary>Closes the socket.</summary>
    Release,

    /// <summary>Gives back the places of its client.</summary>
    GiveBack,

    /// <summary>Enters the close in the ledger.</summary>
    Enter,

    /// <summary>Leaves the table, and its place to others.</summary>
    Leave,
}
