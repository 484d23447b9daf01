using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>Who a request is from, as far as it matters to the request: which backend, whose turn in a queue.</summary>
/// <remarks>Connections are counted and closed by who opened them; a trusted proxy's carries many clients.</remarks>
internal static class ClientIdentity
{
    /// <summary>The last address of X-Forwarded-For that is no trusted proxy, if a trusted proxy sent it.</summary>
    /// <remarks>
    /// From the right, because each proxy has added whom it had the request from, and further left stands whatever the
    /// client claims. Where all are trusted it is the first of them.
    /// </remarks>
    /// <returns>Without a port when it is from the field.</returns>
    public static PeerAddress Of(
        RequestHead head, ReadOnlySpan<byte> received, in PeerAddress peer, bool isTrusted, ListenerPlan listener)
    {
        PeerAddress client = peer;
        if (!isTrusted)
        {
            return client;
        }

        foreach (UInt128 bits in new ForwardedFor(head.Fields, received))
        {
            client = PeerAddress.Of(bits, 0);
            if (!listener.Trusts(client))
            {
                break;
            }
        }

        return client;
    }
}
