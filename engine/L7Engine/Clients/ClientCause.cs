using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;

namespace L7Engine.Clients;

/// <summary>What the ledger is told of why a client's connection was closed.</summary>
internal static class ClientCause
{
    public static CloseCause Of(in CloseFacts facts, Worker worker, ListenerOptions listener)
    {
        Snapshot snapshot = worker.Plan.Snapshot;
        return facts.Reason == CloseReason.ProtocolError
            ? FaultSettings.OfRequest(facts.Fault, snapshot.Limits)
            : new CloseCause(facts.Reason, SettingOf(facts, worker, listener, snapshot.Options));
    }

    /// <summary>
    /// A route may have a timeout of its own, and a connection that waits does not hold which one it took: it is the
    /// longest of them that is over by then.
    /// </summary>
    public static TimeSpan IdleTimeoutOf(long quietMilliseconds, ListenerOptions listener, LoadBalancerOptions options)
    {
        TimeSpan fired = TimeSpan.Zero;
        foreach (RouteOptions route in options.Routes)
        {
            TimeSpan own = route.KeepAlive.IdleTimeout ?? listener.KeepAlive.IdleTimeout;
            fired = own > fired && own.TotalMilliseconds <= quietMilliseconds ? own : fired;
        }

        return fired > TimeSpan.Zero ? fired : listener.KeepAlive.IdleTimeout;
    }

    private static SettingValue SettingOf(
        in CloseFacts facts, Worker worker, ListenerOptions listener, LoadBalancerOptions options)
    {
        Timeouts timeouts = options.Timeouts;
        return facts.Reason switch
        {
            CloseReason.IdleTimeout =>
                SettingValue.Of("keepAlive.idleTimeout", IdleTimeoutOf(facts.QuietMilliseconds, listener, options)),
            CloseReason.PersistenceOff when facts.IsByTime => SettingValue.Of("keepAlive.idleTimeout", TimeSpan.Zero),
            CloseReason.RequestBodyUnread when facts.IsByTime || timeouts.EarlyAnswerDrain == TimeSpan.Zero =>
                SettingValue.Of("timeouts.earlyAnswerDrain", timeouts.EarlyAnswerDrain),
            CloseReason.FairEviction => SettingValue.Of("limits.maxClientConnections", worker.MaxClients),
            CloseReason.DrainDeadline when worker.IsDrainTimeoutOver =>
                SettingValue.Of("timeouts.drain", timeouts.Drain),
            CloseReason.QueueTimeout => SettingValue.Of("queue.timeout", facts.Route!.Queue.Timeout),
            _ => FiredSettings.OfClient(facts.Reason, listener, facts.Route?.Timeouts, timeouts),
        };
    }
}
