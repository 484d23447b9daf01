using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Timing;

namespace L7Engine.Clients;

/// <summary>What ends a client's connection, or its exchange, if nothing happens: seen from its state, so that it costs
/// a connection nothing to be asked.</summary>
internal static class ClientDeadline
{
    public static Deadline Of(ClientConnection connection, Worker worker)
    {
        ListenerOptions listener = connection.Listener.Plan.Options;
        Snapshot snapshot = worker.Plan.Snapshot;
        long tick = connection.Transport.ReadDeadlineTick;
        return connection switch
        {
            { Exchange: { } exchange } => ExchangeDeadline.Of(exchange, connection.Transport, listener),
            { State: ClientState.Idle, IsDraining: true } =>
                new Deadline(SettingValue.Of("timeouts.drainSpread", snapshot.Options.Timeouts.DrainSpread), tick),
            { State: ClientState.Idle } =>
                new Deadline(IdleTimeoutOf(connection, listener, snapshot.Options, tick), tick),
            { State: ClientState.Lingering } or { IsRefused: true }
                or { State: ClientState.Accepted, IsDraining: true } =>
                new Deadline(SettingValue.Of("timeouts.linger", snapshot.Options.Timeouts.Linger), tick),
            _ => new Deadline(
                FiredSettings.OfClient(CloseReason.HeadTimeout, listener, null, snapshot.Options.Timeouts), tick),
        };
    }

    private static SettingValue IdleTimeoutOf(
        ClientConnection connection, ListenerOptions listener, LoadBalancerOptions options, long tick)
    {
        long waits = (tick * TimerWheel.MillisecondsPerTick) - connection.QuietSinceMilliseconds;
        return SettingValue.Of("keepAlive.idleTimeout", ClientCause.IdleTimeoutOf(waits, listener, options));
    }
}
