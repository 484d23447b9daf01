using L7Engine.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>What an exchange waits for, and for how long: seen from outside, so that it costs an exchange nothing.
/// </summary>
internal static class ExchangeDeadline
{
    /// <param name="listener">Of the client's listener.</param>
    public static Deadline Of(Exchange exchange, TransportConnection client, ListenerOptions listener)
    {
        Timeouts timeouts = exchange.Options.Timeouts;
        if (exchange.Tunnel is { } tunnel)
        {
            return Named(CloseReason.TunnelIdle, exchange, tunnel.IdleEndTick);
        }

        Deadline first = OfClient(exchange, client, listener, timeouts);
        BackendAttempts attempts = exchange.Attempts;
        return attempts.HasLease ? first.Or(OfBackend(exchange, attempts.Connection.Transport))
            : attempts.Choice.IsWaiting
                ? first.Or(new Deadline(
                    SettingValue.Of("queue.timeout", attempts.Choice.Queue.Timeout), attempts.Choice.WaitEndTick))
            : exchange.NeedsResponse && attempts.ConnectDeadlineTick > 0
                ? first.Or(Named(CloseReason.BackendConnectTimeout, exchange, attempts.ConnectDeadlineTick))
            : first;
    }

    private static Deadline OfClient(
        Exchange exchange, TransportConnection client, ListenerOptions listener, Timeouts timeouts)
    {
        CloseReason write = client.IsWriteByRate ? CloseReason.MinimumRate : CloseReason.SendTimeout;
        var writing = new Deadline(FiredSettings.OfClient(write, listener, null, timeouts), client.WriteDeadlineTick);
        if (!client.IsReading)
        {
            return writing;
        }

        SettingValue read = !exchange.IsUploading
            ? SettingValue.Of("timeouts.earlyAnswerDrain", timeouts.EarlyAnswerDrain)
            : FiredSettings.OfClient(
                exchange.IsUploadByRate ? CloseReason.MinimumRate : CloseReason.BodyTimeout, listener,
                exchange.Route?.Timeouts, timeouts);
        return writing.Or(new Deadline(read, client.ReadDeadlineTick));
    }

    private static Deadline OfBackend(Exchange exchange, TransportConnection backend)
    {
        Deadline writing = Named(CloseReason.BackendSendTimeout, exchange, backend.WriteDeadlineTick);
        CloseReason read = exchange.AwaitsHead ? CloseReason.BackendResponseTimeout : CloseReason.BackendBodyTimeout;
        return backend.IsReading ? writing.Or(Named(read, exchange, backend.ReadDeadlineTick)) : writing;
    }

    private static Deadline Named(CloseReason reason, Exchange exchange, long tick) => new(
        FiredSettings.OfExchange(reason, exchange.Route?.Timeouts, exchange.Options.Timeouts, maxTunnels: 0), tick);
}
