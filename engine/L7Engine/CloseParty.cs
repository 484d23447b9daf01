namespace L7Engine;

/// <summary>Who ended a connection first.</summary>
public enum CloseParty : byte
{
    /// <summary>We did: no FIN and no RST of the peer had come.</summary>
    Engine,

    /// <summary>The peer did, by FIN or RST.</summary>
    Peer,

    /// <summary>Neither: the system gave it up, because nothing came back from the peer.</summary>
    Network,
}
