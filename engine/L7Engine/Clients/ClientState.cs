namespace L7Engine.Clients;

/// <summary>Where a client connection is in its life. Only <see cref="ClientConnection"/> moves it.</summary>
/// <remarks>
/// <code>
///   Accepted ──► ReadingHead ──► Exchanging ──► Idle ──┐
///       │            ▲  ▲            │  │              │
///       └────────────┼──┼────────────┘  └─► Tunnelling │
///                    │  └──────────────────────────────┘
///   any ──► Lingering ──► Closed
/// </code>
/// </remarks>
internal enum ClientState : byte
{
    /// <summary>Open, and no byte of it has come yet.</summary>
    Accepted,
    ReadingHead,
    Exchanging,

    /// <summary>Between two requests, with nothing of the next one received.</summary>
    Idle,
    Tunnelling,

    /// <summary>
    /// Nothing more is sent; what the client still sends is read and dropped, so that it can read the answer.
    /// </summary>
    Lingering,
    Closed,
}

internal static class ClientStates
{
    extension(ClientState from)
    {
        public bool CanMoveTo(ClientState to) => (from, to) switch
        {
            (ClientState.Closed, _) => false,
            (_, ClientState.Closed) => true,
            (not ClientState.Lingering, ClientState.Lingering) => true,
            (ClientState.Accepted or ClientState.Idle, ClientState.ReadingHead or ClientState.Exchanging) => true,
            (ClientState.ReadingHead, ClientState.Exchanging) => true,
            (ClientState.Exchanging, ClientState.Idle or ClientState.Tunnelling) => true,
            _ => false,
        };

        /// <summary>True while nothing of a request has come: to close then takes nothing from the client.</summary>
        public bool IsQuiet => from is ClientState.Accepted or ClientState.Idle;
    }
}
