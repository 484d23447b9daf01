namespace L7Engine.Diagnostics;

/// <summary>Which setting a reason to close is the doing of, and its value. Names are those of the file.</summary>
/// <remarks>Names are constants: to say which setting fired costs no string. The default is none.</remarks>
internal static class FiredSettings
{
    /// <summary>For a client's connection, where the reason and the options say it all.</summary>
    public static SettingValue OfClient(CloseReason reason, ListenerOptions listener, Timeouts times) => reason switch
    {
        CloseReason.RequestLimit => SettingValue.Of("keepAlive.maxRequests", listener.KeepAlive.MaxRequests),
        CloseReason.MaxAge => SettingValue.Of("keepAlive.maxAge", listener.KeepAlive.MaxAge),
        CloseReason.PersistenceOff => SettingValue.Of("keepAlive.enabled", false),
        CloseReason.PersistentCap => SettingValue.Of("clientCaps.persistent", listener.ClientCaps.Persistent),
        CloseReason.ConnectionCap => SettingValue.Of("clientCaps.connections", listener.ClientCaps.Connections),
        CloseReason.HeadTimeout => listener.SlowClients.RequestHead is { } own
            ? SettingValue.Of("slowClients.requestHead", own)
            : SettingValue.Of("timeouts.requestHead", times.RequestHead),
        CloseReason.BodyTimeout => listener.SlowClients.RequestBodyGap is { } own
            ? SettingValue.Of("slowClients.requestBodyGap", own)
            : SettingValue.Of("timeouts.requestBodyGap", times.RequestBodyGap),
        CloseReason.SendTimeout => listener.SlowClients.ResponseSendGap is { } own
            ? SettingValue.Of("slowClients.responseSendGap", own)
            : SettingValue.Of("timeouts.responseSendGap", times.ResponseSendGap),
        CloseReason.MinimumRate =>
            SettingValue.OfBytes("slowClients.minimumRate", listener.SlowClients.MinimumRateBytes),
        CloseReason.TunnelIdle => SettingValue.Of("timeouts.tunnelIdle", times.TunnelIdle),
        _ => default,
    };

    /// <summary>For a backend connection that an exchange had, or wanted.</summary>
    /// <param name="maxTunnels">As many as the loop may have.</param>
    public static SettingValue OfExchange(CloseReason reason, Timeouts timeouts, int maxTunnels) => reason switch
    {
        CloseReason.BackendConnectTimeout => SettingValue.Of("timeouts.backendConnect", timeouts.BackendConnect),
        CloseReason.BackendSendTimeout => SettingValue.Of("timeouts.backendSendGap", timeouts.BackendSendGap),
        CloseReason.BackendResponseTimeout => SettingValue.Of("timeouts.backendResponse", timeouts.BackendResponse),
        CloseReason.BackendBodyTimeout => SettingValue.Of("timeouts.backendBodyGap", timeouts.BackendBodyGap),
        CloseReason.TunnelIdle => SettingValue.Of("timeouts.tunnelIdle", timeouts.TunnelIdle),
        CloseReason.TunnelLimit => SettingValue.Of("limits.maxTunnels", maxTunnels),
        _ => default,
    };

    /// <summary>For a backend connection that its pool had.</summary>
    public static SettingValue OfPool(CloseReason reason, PoolOptions pool) => reason switch
    {
        CloseReason.PoolIdleTimeout => SettingValue.Of("pool.idleTimeout", pool.IdleTimeout),
        CloseReason.PoolFull => SettingValue.Of("pool.maxIdle", pool.MaxIdle),
        CloseReason.PoolMaxAge => SettingValue.Of("pool.maxAge", pool.MaxAge),
        CloseReason.PoolOff => SettingValue.Of("pool.enabled", false),
        _ => default,
    };
}
