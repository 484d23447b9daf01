using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>Makes options of a file. The keys are those of <see cref="ConfigWriter"/>.</summary>
internal static class ConfigBinder
{
    public static LoadBalancerOptions Options(ConfigObject from)
    {
        var defaults = new LoadBalancerOptions();
        return new LoadBalancerOptions
        {
            Listeners = from.Objects("listeners", Listener),
            Routes = from.Objects("routes", Route),
            Groups = from.Objects("groups", Group),
            Limits = from.Object("limits", defaults.Limits, LimitsOf),
            Timeouts = from.Object("timeouts", defaults.Timeouts, TimeoutsOf),
            Loops = from.Count("loops", defaults.Loops),
        };
    }

    private static ListenerOptions Listener(ConfigObject from)
    {
        var defaults = new ListenerOptions { Address = null! };
        return new ListenerOptions
        {
            Name = from.Text("name", defaults.Name),
            Address = from.Address("address"),
            KeepAlive = from.Object("keepAlive", defaults.KeepAlive, KeepAlive),
            SlowClients = from.Object("slowClients", defaults.SlowClients, SlowClients),
            ClientCaps = from.Object("clientCaps", defaults.ClientCaps, ClientCaps),
            TcpKeepAlive = from.Object("tcpKeepAlive", defaults.TcpKeepAlive, TcpKeepAlive),
            Forwarded = from.Object("forwarded", defaults.Forwarded, Forwarded),
            TrustedProxies = from.Values(
                "trustedProxies", defaults.TrustedProxies, AddressText.NetworkForm, ConfigValues.Network),
            ProxyProtocol = from.Flag("proxyProtocol", defaults.ProxyProtocol),
            Via = from.TextOrNull("via", defaults.Via),
            UpgradeProtocols = from.Values(
                "upgradeProtocols", defaults.UpgradeProtocols, "a text", ConfigValues.Text),
            AbortOnClientClose = from.Flag("abortOnClientClose", defaults.AbortOnClientClose),
            Backlog = from.Count("backlog", defaults.Backlog),
            SharePort = from.Flag("sharePort", defaults.SharePort),
        };
    }

    private static KeepAliveOptions KeepAlive(ConfigObject from)
    {
        var defaults = new KeepAliveOptions();
        return new KeepAliveOptions
        {
            Enabled = from.Flag("enabled", defaults.Enabled),
            IdleTimeout = from.Duration("idleTimeout", defaults.IdleTimeout),
            MaxRequests = from.OrNone("maxRequests", defaults.MaxRequests, from.Count),
            MaxAge = from.OrNone("maxAge", defaults.MaxAge, from.Duration),
            MaxAgeJitter = from.Share("maxAgeJitter", defaults.MaxAgeJitter),
            AnnounceConnection = from.Flag("announceConnection", defaults.AnnounceConnection),
            AnnounceTimeout = from.Flag("announceTimeout", defaults.AnnounceTimeout),
            AnnounceRequests = from.Flag("announceRequests", defaults.AnnounceRequests),
            ExploreShare = from.Share("exploreShare", defaults.ExploreShare),
        };
    }

    private static SlowClientOptions SlowClients(ConfigObject from)
    {
        var defaults = new SlowClientOptions();
        return new SlowClientOptions
        {
            RequestHead = from.DurationOrNull("requestHead", defaults.RequestHead),
            RequestBodyGap = from.DurationOrNull("requestBodyGap", defaults.RequestBodyGap),
            ResponseSendGap = from.DurationOrNull("responseSendGap", defaults.ResponseSendGap),
            MinimumRateBytes = from.OrNone<int>("minimumRate", defaults.MinimumRateBytes, from.Bytes),
            MinimumRateGrace = from.Duration("minimumRateGrace", defaults.MinimumRateGrace),
            MaxUnsentBytes = from.OrNone<int>("maxUnsent", defaults.MaxUnsentBytes, from.Bytes),
        };
    }

    private static ClientCapsOptions ClientCaps(ConfigObject from)
    {
        var defaults = new ClientCapsOptions();
        return new ClientCapsOptions
        {
            Persistent = from.OrNone("persistent", defaults.Persistent, from.Count),
            Connections = from.OrNone("connections", defaults.Connections, from.Count),
            Refusal = from.Choice("refusal", defaults.Refusal),
            IPv6PrefixLength = from.Count("ipv6PrefixLength", defaults.IPv6PrefixLength),
        };
    }

    private static TcpKeepAliveOptions TcpKeepAlive(ConfigObject from)
    {
        var defaults = new TcpKeepAliveOptions();
        return new TcpKeepAliveOptions
        {
            Enabled = from.Flag("enabled", defaults.Enabled),
            Time = from.Duration("time", defaults.Time),
            Interval = from.Duration("interval", defaults.Interval),
            Probes = from.Count("probes", defaults.Probes),
            UserTimeout = from.OrNone("userTimeout", defaults.UserTimeout, from.Duration),
        };
    }

    private static ForwardedOptions Forwarded(ConfigObject from) =>
        new() { Mode = from.Choice("mode", new ForwardedOptions().Mode) };

    private static RouteOptions Route(ConfigObject from)
    {
        var defaults = new RouteOptions();
        return new RouteOptions
        {
            Host = from.Text("host", defaults.Host),
            Path = from.Text("path", defaults.Path),
            Group = from.Text("group", defaults.Group),
            RequestTrailers = from.Flag("requestTrailers", defaults.RequestTrailers),
            IdempotencyKey = from.Flag("idempotencyKey", defaults.IdempotencyKey),
            RetryOnTimeout = from.Flag("retryOnTimeout", defaults.RetryOnTimeout),
            RetryOnMalformed = from.Flag("retryOnMalformed", defaults.RetryOnMalformed),
            KeepAlive = from.Object("keepAlive", defaults.KeepAlive, RouteKeepAlive),
            Timeouts = from.Object("timeouts", defaults.Timeouts, RouteTimeouts),
        };
    }

    private static RouteTimeoutOptions RouteTimeouts(ConfigObject from)
    {
        var defaults = new RouteTimeoutOptions();
        return new RouteTimeoutOptions
        {
            RequestBodyGap = from.DurationOrNull("requestBodyGap", defaults.RequestBodyGap),
            BackendSendGap = from.DurationOrNull("backendSendGap", defaults.BackendSendGap),
            BackendResponse = from.DurationOrNull("backendResponse", defaults.BackendResponse),
            BackendBodyGap = from.DurationOrNull("backendBodyGap", defaults.BackendBodyGap),
            TunnelIdle = from.DurationOrNull("tunnelIdle", defaults.TunnelIdle),
        };
    }

    private static RouteKeepAliveOptions RouteKeepAlive(ConfigObject from)
    {
        var defaults = new RouteKeepAliveOptions();
        return new RouteKeepAliveOptions
        {
            Enabled = from.FlagOrNull("enabled", defaults.Enabled),
            IdleTimeout = from.DurationOrNull("idleTimeout", defaults.IdleTimeout),
        };
    }

    private static BackendGroupOptions Group(ConfigObject from)
    {
        var defaults = new BackendGroupOptions();
        return new BackendGroupOptions
        {
            Name = from.Text("name", defaults.Name),
            Policy = from.Choice("policy", defaults.Policy),
            Hash = from.Object("hash", defaults.Hash, Hash),
            Affinity = from.Object("affinity", defaults.Affinity, Affinity),
            Backends = from.Objects("backends", Backend),
            Pool = from.Object("pool", defaults.Pool, Pool),
            Queue = from.Object("queue", defaults.Queue, Queue),
            Retries = from.Object("retries", defaults.Retries, Retries),
            Names = from.Object("names", defaults.Names, Names),
            Health = from.Object("health", defaults.Health, Health),
            Ejection = from.Object("ejection", defaults.Ejection, Ejection),
            SlowStart = from.Duration("slowStart", defaults.SlowStart),
        };
    }

    private static QueueOptions Queue(ConfigObject from)
    {
        var defaults = new QueueOptions();
        return new QueueOptions
        {
            MaxWaiting = from.Count("maxWaiting", defaults.MaxWaiting),
            Timeout = from.Duration("timeout", defaults.Timeout),
        };
    }

    private static NameOptions Names(ConfigObject from)
    {
        var defaults = new NameOptions();
        return new NameOptions
        {
            Interval = from.Duration("interval", defaults.Interval),
            Timeout = from.Duration("timeout", defaults.Timeout),
            Addresses = from.Choice("addresses", defaults.Addresses),
            MaxAddresses = from.Count("maxAddresses", defaults.MaxAddresses),
        };
    }

    private static HealthCheckOptions Health(ConfigObject from)
    {
        var defaults = new HealthCheckOptions();
        return new HealthCheckOptions
        {
            Path = from.TextOrNull("path", defaults.Path),
            Method = from.Choice("method", defaults.Method),
            Host = from.TextOrNull("host", defaults.Host),
            Expect = from.Values("expect", defaults.Expect, "a text", ConfigValues.Text),
            Interval = from.Duration("interval", defaults.Interval),
            Timeout = from.Duration("timeout", defaults.Timeout),
            Rise = from.Count("rise", defaults.Rise),
            Fall = from.Count("fall", defaults.Fall),
            Jitter = from.Share("jitter", defaults.Jitter),
        };
    }

    private static EjectionOptions Ejection(ConfigObject from)
    {
        var defaults = new EjectionOptions();
        return new EjectionOptions
        {
            Enabled = from.Flag("enabled", defaults.Enabled),
            ConsecutiveFailures = from.Count("consecutiveFailures", defaults.ConsecutiveFailures),
            FailureRate = from.Share("failureRate", defaults.FailureRate),
            Window = from.Duration("window", defaults.Window),
            MinimumRequests = from.Count("minimumRequests", defaults.MinimumRequests),
            Statuses = from.Values("statuses", defaults.Statuses, "a whole number", ConfigValues.Count),
            BaseTime = from.Duration("baseTime", defaults.BaseTime),
            MaxTime = from.Duration("maxTime", defaults.MaxTime),
            MaxShare = from.Share("maxShare", defaults.MaxShare),
        };
    }

    private static HashOptions Hash(ConfigObject from)
    {
        var defaults = new HashOptions();
        return new HashOptions
        {
            On = from.Choice("on", defaults.On),
            Header = from.TextOrNull("header", defaults.Header),
            BoundedLoad = from.OrNone("boundedLoad", defaults.BoundedLoad, from.Factor),
        };
    }

    private static AffinityOptions Affinity(ConfigObject from)
    {
        var defaults = new AffinityOptions();
        return new AffinityOptions
        {
            Enabled = from.Flag("enabled", defaults.Enabled),
            Cookie = from.Text("cookie", defaults.Cookie),
            Key = from.TextOrNull("key", defaults.Key),
            MaxAge = from.Duration("maxAge", defaults.MaxAge),
            SameSite = from.Choice("sameSite", defaults.SameSite),
            Secure = from.Choice("secure", defaults.Secure),
        };
    }

    private static BackendOptions Backend(ConfigObject from)
    {
        var defaults = new BackendOptions { Address = null! };
        return new BackendOptions
        {
            Address = from.BackendAddress("address"),
            Weight = from.Count("weight", defaults.Weight),
            MaxConnections = from.OrNone("maxConnections", defaults.MaxConnections, from.Count),
            Authority = from.TextOrNull("authority", defaults.Authority),
        };
    }

    private static PoolOptions Pool(ConfigObject from)
    {
        var defaults = new PoolOptions();
        return new PoolOptions
        {
            Enabled = from.Flag("enabled", defaults.Enabled),
            IdleTimeout = from.Duration("idleTimeout", defaults.IdleTimeout),
            MaxIdle = from.Count("maxIdle", defaults.MaxIdle),
            MaxRequests = from.OrNone("maxRequests", defaults.MaxRequests, from.Count),
            MaxAgeJitter = from.Share("maxAgeJitter", defaults.MaxAgeJitter),
            MaxAge = from.OrNone("maxAge", defaults.MaxAge, from.Duration),
            LearnIdleTimeout = from.Flag("learnIdleTimeout", defaults.LearnIdleTimeout),
            NonIdempotentReuse = from.Duration("nonIdempotentReuse", defaults.NonIdempotentReuse),
            TcpKeepAlive = from.Object("tcpKeepAlive", defaults.TcpKeepAlive, TcpKeepAlive),
        };
    }

    private static RetryOptions Retries(ConfigObject from)
    {
        var defaults = new RetryOptions();
        return new RetryOptions
        {
            BudgetShare = from.Share("budgetShare", defaults.BudgetShare),
            BudgetMinimum = from.Count("budgetMinimum", defaults.BudgetMinimum),
        };
    }

    private static Limits LimitsOf(ConfigObject from)
    {
        var defaults = new Limits();
        return new Limits
        {
            MaxClientConnections = from.Count("maxClientConnections", defaults.MaxClientConnections),
            MaxRequestHeadBytes = from.Bytes("maxRequestHead", defaults.MaxRequestHeadBytes),
            MaxRequestFields = from.Count("maxRequestFields", defaults.MaxRequestFields),
            MaxRequestLineBytes = from.Bytes("maxRequestLine", defaults.MaxRequestLineBytes),
            MaxResponseHeadBytes = from.Bytes("maxResponseHead", defaults.MaxResponseHeadBytes),
            MaxResponseFields = from.Count("maxResponseFields", defaults.MaxResponseFields),
            MaxTrailerBytes = from.Bytes("maxTrailer", defaults.MaxTrailerBytes),
            MaxChunkExtensionBytes = from.Bytes("maxChunkExtension", defaults.MaxChunkExtensionBytes),
            MaxConnectionOptions = from.Count("maxConnectionOptions", defaults.MaxConnectionOptions),
            MaxInterimResponses = from.Count("maxInterimResponses", defaults.MaxInterimResponses),
            MaxRequestBodyBytes = from.OrNone<long>("maxRequestBody", defaults.MaxRequestBodyBytes, from.Bytes),
            MaxReplayBytes = from.Bytes("maxReplay", defaults.MaxReplayBytes),
            MaxLingerBytes = from.Bytes("maxLinger", defaults.MaxLingerBytes),
            MaxBufferBytes = from.Bytes("maxBuffer", defaults.MaxBufferBytes),
            MaxTunnels = from.Count("maxTunnels", defaults.MaxTunnels),
            LedgerEntriesPerLoop = from.Count("ledgerEntriesPerLoop", defaults.LedgerEntriesPerLoop),
        };
    }

    private static Timeouts TimeoutsOf(ConfigObject from)
    {
        var defaults = new Timeouts();
        return new Timeouts
        {
            RequestHead = from.Duration("requestHead", defaults.RequestHead),
            RequestBodyGap = from.Duration("requestBodyGap", defaults.RequestBodyGap),
            ResponseSendGap = from.Duration("responseSendGap", defaults.ResponseSendGap),
            BackendConnect = from.Duration("backendConnect", defaults.BackendConnect),
            BackendSendGap = from.Duration("backendSendGap", defaults.BackendSendGap),
            BackendResponse = from.Duration("backendResponse", defaults.BackendResponse),
            BackendBodyGap = from.Duration("backendBodyGap", defaults.BackendBodyGap),
            TunnelIdle = from.Duration("tunnelIdle", defaults.TunnelIdle),
            Linger = from.Duration("linger", defaults.Linger),
            LingerTotal = from.Duration("lingerTotal", defaults.LingerTotal),
            BackendCloseWait = from.Duration("backendCloseWait", defaults.BackendCloseWait),
            Drain = from.Duration("drain", defaults.Drain),
            DrainSpread = from.Duration("drainSpread", defaults.DrainSpread),
            EarlyAnswerDrain = from.Duration("earlyAnswerDrain", defaults.EarlyAnswerDrain),
        };
    }
}
