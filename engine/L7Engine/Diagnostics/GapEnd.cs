namespace L7Engine.Diagnostics;

/// <summary>What ended the time between a response and the next request of its connection.</summary>
internal enum GapEnd : byte
{
    /// <summary>The next request.</summary>
    Request,

    /// <summary>The client closed or vanished: it would not have asked on this connection, however long we waited.
    /// </summary>
    Client,

    /// <summary>We closed. When the client would have asked, or closed, was not seen.</summary>
    Engine,
}

internal static class GapEnds
{
    extension(GapEnd)
    {
        /// <param name="reason">Why the connection is closed; None when it is not.</param>
        public static GapEnd Of(CloseReason reason) => reason switch
        {
            CloseReason.None => GapEnd.Request,
            CloseReason.ClientClosed or CloseReason.ClientAborted or CloseReason.Reset
                or CloseReason.Vanished or CloseReason.Restarted or CloseReason.Unreachable => GapEnd.Client,
            _ => GapEnd.Engine,
        };
    }
}
