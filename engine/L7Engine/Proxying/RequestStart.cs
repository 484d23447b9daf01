using System.Diagnostics.CodeAnalysis;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>
/// Steps (1) to (3) of an exchange: its request head is taken, routed and rewritten, and a backend picked; or it is
/// answered by us.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class RequestStart(
    Worker worker, RequestForwarding request, ClientReply reply, BackendAttempts attempts)
{
    /// <summary>Why nothing is sent to a backend; None when it is, or when the request was answered in order.</summary>
    public ProxyFault Fault { get; private set; }

    /// <summary>Which rule of HTTP the request broke, for <see cref="ProxyFault.BadRequest"/>.</summary>
    public HttpFault RequestFault { get; private set; }

    /// <summary>(1) Takes a head that is whole, or can never be valid.</summary>
    /// <param name="received">From the first byte of the head.</param>
    /// <returns>How many of the received bytes are used up.</returns>
    public int Take(ParseStatus parsed, ArraySegment<byte> received, in ClientStanding standing)
    {
        LoopPlan plan = worker.Plan;
        RequestHead head = worker.RequestHead;
        request.TakeFacts(plan.Snapshot, head);
        RequestFault = parsed == ParseStatus.Invalid ? head.Fault : FaultOf(head, received);
        Fault = standing.IsRefused ? ProxyFault.TooManyConnections
            : RequestFault != HttpFault.None ? ProxyFault.BadRequest
            : ProxyFault.None;
        if (Fault != ProxyFault.None)
        {
            // Without a whole head nothing of it is known, not even where it ends.
            return head.TotalBytes > 0 ? head.TotalBytes : received.Count;
        }

        if (head.IsServerWide || head.MaxForwards == 0)
        {
            // RFC 9110 sections 7.6.2 and 9.3.7: we are the last that may answer.
            reply.Answer(200, CloseReason.None);
        }
        else if (TryRoute(plan, head, received, out RoutePlan? route))
        {
            return Rewrite(head, received, standing.IsTrusted, route);
        }

        return head.TotalBytes;
    }

    private HttpFault FaultOf(RequestHead head, ReadOnlySpan<byte> received)
    {
        if (reply.Listener.Via.Length > 0 && head.HasViaToken(received, request.Snapshot.ViaToken.Bytes))
        {
            return HttpFault.RequestLoop;
        }

        return request.WhyBodyIsRefused;
    }

    // (2) Route it, (3) pick a backend.
    private bool TryRoute(
        LoopPlan plan, RequestHead head, ReadOnlySpan<byte> received, [NotNullWhen(true)] out RoutePlan? route)
    {
        int index = worker.FindRoute(plan.Snapshot.RouteTable, head, received);
        route = index < 0 ? null : plan.Snapshot.Routes[index];
        if (route is null)
        {
            Fault = ProxyFault.NoRoute;
            return false;
        }

        reply.TakeRoute(route);
        request.TakeRoute(route, head, received);
        PeerAddress client = ClientIdentity.Of(
            head, received, reply.Client.RemoteAddress, reply.IsPeerTrusted, reply.Listener);
        var balanced = new BalancingRequest(head, received, client);
        var key = ClientKey.Of(client, reply.Listener.Caps.IPv6PrefixLength);
        int bound = reply.Affinity.Take(plan, route.Group, head, received, reply.IsPeerTrusted);
        if (!attempts.TryBegin(plan, route, balanced, key, bound))
        {
            Fault = ProxyFault.NoBackend;
            route = null;
        }

        return route is not null;
    }

    private int Rewrite(RequestHead head, ArraySegment<byte> received, bool isTrusted, RoutePlan route)
    {
        int consumed = request.Take(
            head, received, reply.Client.RemoteAddress, isTrusted, reply.Listener, route, attempts.Backend,
            reply.Affinity.OwnCookie);
        attempts.TakeRepeat(request.IsSurelyKept);
        RequestFault = request.WhyBodyIsRefused;
        Fault = RequestFault != HttpFault.None ? ProxyFault.BadRequest : ProxyFault.None;
        return consumed;
    }
}
