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
            return new Deadline(SettingValue.Of("timeouts.tunnelIdle", timeouts.TunnelIdle), tunnel.IdleEndTick);
        }

        Deadline first = OfClient(exchange, client, listener, timeouts);
        BackendAttempts attempts = exchange.Attempts;
        return attempts.HasLease ? first.Or(OfBackend(exchange, attempts.Connection.Transport, timeouts))
            : exchange.NeedsResponse && attempts.ConnectDeadlineTick > 0
                ? first.Or(Named(CloseReason.BackendConnectTimeout, timeouts, attempts.ConnectDeadlineTick))
            : first;
    }

    private static Deadline OfClient(
        Exchange exchange, TransportConnection client, ListenerOptions listener, Timeouts timeouts)
    {
        CloseReason write = client.IsWriteByRate ? CloseReason.MinimumRate : CloseReason.SendTimeout;
        var writing = new Deadline(FiredSettings.OfClient(write, listener, timeouts), client.WriteDeadlineTick);
        if (!client.IsReading)
        {
            return writing;
        }

        SettingValue read = !exchange.IsUploading
            ? SettingValue.Of("timeouts.earlyAnswerDrain", timeouts.EarlyAnswerDrain)
            : FiredSettings.OfClient(
                exchange.IsUploadByRate ? CloseReason.MinimumRate : CloseReason.BodyTimeout, listener, timeouts);
        return writing.Or(new Deadline(read, client.ReadDeadlineTick));
    }

    private static Deadline OfBackend(Exchange exchange, TransportConnection backend, Timeouts timeouts)
    {
        Deadline writing = Named(CloseReason.BackendSendTimeout, timeouts, backend.WriteDeadlineTick);
        CloseReason read = exchange.AwaitsHead ? CloseReason.BackendResponseTimeout : CloseReason.BackendBodyTimeout;
        return backend.IsReading ? writing.Or(Named(read, timeouts, backend.ReadDeadlineTick)) : writing;
    }

    private static Deadline Named(CloseReason reason, Timeouts timeouts, long tick) =>
        new(FiredSettings.OfExchange(reason, timeouts, maxTunnels: 0), tick);
}
