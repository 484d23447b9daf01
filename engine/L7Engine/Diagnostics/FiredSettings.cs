namespace L7Engine.Diagnostics;

/// <summary>Which setting a reason to close is the doing of, and its value. Names are those of the file.</summary>
/// <remarks>Names are constants: to say which setting fired costs no string. The default is none.</remarks>
internal static class FiredSettings
{
    /// <summary>For a client's connection, where the reason and the options say it all.</summary>
    /// <param name="route">What the route of its request has of its own.</param>
    public static SettingValue OfClient(
        CloseReason reason, ListenerOptions listener, RouteTimeoutOptions? route, Timeouts times)
    {
        return reason switch
        {
            CloseReason.RequestLimit => SettingValue.Of("keepAlive.maxRequests", listener.KeepAlive.MaxRequests),
            CloseReason.MaxAge => SettingValue.Of("keepAlive.maxAge", listener.KeepAlive.MaxAge),
            CloseReason.PersistenceOff => SettingValue.Of("keepAlive.enabled", false),
            CloseReason.PersistentCap => SettingValue.Of("clientCaps.persistent", listener.ClientCaps.Persistent),
            CloseReason.ConnectionCap => SettingValue.Of("clientCaps.connections", listener.ClientCaps.Connections),
            CloseReason.HeadTimeout => Own("slowClients.requestHead", listener.SlowClients.RequestHead)
                ?? SettingValue.Of("timeouts.requestHead", times.RequestHead),
            CloseReason.BodyTimeout => Own("routes[].timeouts.requestBodyGap", route?.RequestBodyGap)
                ?? Own("slowClients.requestBodyGap", listener.SlowClients.RequestBodyGap)
                ?? SettingValue.Of("timeouts.requestBodyGap", times.RequestBodyGap),
            CloseReason.SendTimeout => Own("slowClients.responseSendGap", listener.SlowClients.ResponseSendGap)
                ?? SettingValue.Of("timeouts.responseSendGap", times.ResponseSendGap),
            CloseReason.MinimumRate =>
                SettingValue.OfBytes("slowClients.minimumRate", listener.SlowClients.MinimumRateBytes),
            CloseReason.TunnelIdle => TunnelIdle(route, times),
            _ => default,
        };
    }

    /// <summary>For a backend connection that an exchange had, or wanted.</summary>
    /// <param name="route">What the route of its request has of its own.</param>
    /// <param name="maxTunnels">As many as all loops together may have.</param>
    public static SettingValue OfExchange(
        CloseReason reason, RouteTimeoutOptions? route, Timeouts timeouts, int maxTunnels)
    {
        return reason switch
        {
            CloseReason.BackendConnectTimeout => SettingValue.Of("timeouts.backendConnect", timeouts.BackendConnect),
            CloseReason.BackendSendTimeout => Own("routes[].timeouts.backendSendGap", route?.BackendSendGap)
                ?? SettingValue.Of("timeouts.backendSendGap", timeouts.BackendSendGap),
            CloseReason.BackendResponseTimeout => Own("routes[].timeouts.backendResponse", route?.BackendResponse)
                ?? SettingValue.Of("timeouts.backendResponse", timeouts.BackendResponse),
            CloseReason.BackendBodyTimeout => Own("routes[].timeouts.backendBodyGap", route?.BackendBodyGap)
                ?? SettingValue.Of("timeouts.backendBodyGap", timeouts.BackendBodyGap),
            CloseReason.TunnelIdle => TunnelIdle(route, timeouts),
            CloseReason.TunnelLimit => SettingValue.Of("limits.maxTunnels", maxTunnels),
            _ => default,
        };
    }

    /// <summary>For a backend connection that its pool had.</summary>
    public static SettingValue OfPool(CloseReason reason, PoolOptions pool) => reason switch
    {
        CloseReason.PoolIdleTimeout => SettingValue.Of("pool.idleTimeout", pool.IdleTimeout),
        CloseReason.PoolIdleDeadline => SettingValue.Of("pool.learnIdleTimeout", pool.LearnIdleTimeout),
        CloseReason.PoolFull => SettingValue.Of("pool.maxIdle", pool.MaxIdle),
        CloseReason.PoolMaxAge => SettingValue.Of("pool.maxAge", pool.MaxAge),
        CloseReason.PoolRequestLimit => SettingValue.Of("pool.maxRequests", pool.MaxRequests),
        CloseReason.PoolOff => SettingValue.Of("pool.enabled", false),
        _ => default,
    };

    private static SettingValue TunnelIdle(RouteTimeoutOptions? route, Timeouts timeouts) =>
        Own("routes[].timeouts.tunnelIdle", route?.TunnelIdle)
            ?? SettingValue.Of("timeouts.tunnelIdle", timeouts.TunnelIdle);

    private static SettingValue? Own(string name, TimeSpan? own) =>
        own is { } duration ? SettingValue.Of(name, duration) : null;
}
