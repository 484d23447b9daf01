using System.IO.Pipelines;
using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>What became of a connection while no exchange had it.</summary>
internal static class ConnectionLook
{
    /// <summary>Asks the system: a call more than <see cref="WhatCame"/>.</summary>
    public static CloseReason WhatIsSeenOf(TransportConnection transport, Backend backend)
    {
        transport.LookAgain();
        return WhatCame(transport, backend);
    }

    /// <summary>What came while nobody watched makes no event any more: it is looked for.</summary>
    /// <returns>None when the connection is as it should be.</returns>
    public static CloseReason WhatCame(TransportConnection transport, Backend backend)
    {
        if (!transport.HasUnread || !transport.Input.TryRead(out ReadResult read))
        {
            return CloseReason.None;
        }

        bool hasBytes = !read.Buffer.IsEmpty;
        transport.Input.AdvanceTo(read.Buffer.End);
        return hasBytes ? CloseReason.BackendSentUnasked : WhyEnded(transport, backend);
    }

    /// <summary>Where every request says close, the backend's end is what it was asked for.</summary>
    public static CloseReason WhyEnded(TransportConnection transport, Backend backend) =>
        !backend.PoolsConnections ? CloseReason.PoolOff
        : transport.Error != 0 ? CloseReason.BackendReset : CloseReason.BackendClosedIdle;
}
