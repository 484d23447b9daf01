using System.Text.Encodings.Web;
using System.Text.Json;
using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>Writes options with all of their defaults, as a file that <see cref="ConfigBinder"/> reads back.</summary>
internal static class ConfigWriter
{
    // Relaxed: the output is a file for people, never part of a page.
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream output, LoadBalancerOptions options)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        WriteList(json, "listeners", options.Listeners, WriteListener);
        WriteList(json, "routes", options.Routes, WriteRoute);
        WriteList(json, "groups", options.Groups, WriteGroup);
        WriteLimits(json, options.Limits);
        WriteTimeouts(json, options.Timeouts);
        json.WriteNumber("loops", options.Loops);
        json.WriteEndObject();
    }

    private static void WriteListener(Utf8JsonWriter json, ListenerOptions listener)
    {
        json.WriteString("name", listener.Name);
        json.WriteString("address", listener.Address.ToString());
        json.WriteStartObject("keepAlive");
        json.WriteBoolean("enabled", listener.KeepAlive.Enabled);
        json.WriteDuration("idleTimeout", listener.KeepAlive.IdleTimeout);
        json.WriteNumber("maxRequests", listener.KeepAlive.MaxRequests);
        json.WriteDuration("maxAge", listener.KeepAlive.MaxAge);
        json.WriteNumber("maxAgeJitter", listener.KeepAlive.MaxAgeJitter);
        json.WriteBoolean("announceConnection", listener.KeepAlive.AnnounceConnection);
        json.WriteBoolean("announceTimeout", listener.KeepAlive.AnnounceTimeout);
        json.WriteBoolean("announceRequests", listener.KeepAlive.AnnounceRequests);
        json.WriteNumber("exploreShare", listener.KeepAlive.ExploreShare);
        json.WriteEndObject();
        WriteSlowClients(json, listener.SlowClients);
        WriteClientCaps(json, listener.ClientCaps);
        WriteTcpKeepAlive(json, listener.TcpKeepAlive);
        json.WriteStartObject("forwarded");
        json.WriteString("mode", ConfigValues.NameOf(listener.Forwarded.Mode));
        json.WriteEndObject();
        WriteTexts(json, "trustedProxies", listener.TrustedProxies.Select(n => n.ToString()));
        json.WriteBoolean("proxyProtocol", listener.ProxyProtocol);
        json.WriteString("via", listener.Via);
        WriteTexts(json, "upgradeProtocols", listener.UpgradeProtocols);
        json.WriteBoolean("abortOnClientClose", listener.AbortOnClientClose);
        json.WriteNumber("backlog", listener.Backlog);
        json.WriteBoolean("sharePort", listener.SharePort);
    }

    private static void WriteClientCaps(Utf8JsonWriter json, ClientCapsOptions caps)
    {
        json.WriteStartObject("clientCaps");
        json.WriteNumber("persistent", caps.Persistent);
        json.WriteNumber("connections", caps.Connections);
        json.WriteString("refusal", ConfigValues.NameOf(caps.Refusal));
        json.WriteNumber("ipv6PrefixLength", caps.IPv6PrefixLength);
        json.WriteEndObject();
    }

    private static void WriteRoute(Utf8JsonWriter json, RouteOptions route)
    {
        json.WriteString("host", route.Host);
        json.WriteString("path", route.Path);
        json.WriteString("group", route.Group);
        json.WriteBoolean("requestTrailers", route.RequestTrailers);
        json.WriteBoolean("idempotencyKey", route.IdempotencyKey);
        json.WriteBoolean("retryOnTimeout", route.RetryOnTimeout);
        json.WriteBoolean("retryOnMalformed", route.RetryOnMalformed);
        json.WriteStartObject("keepAlive");
        json.WriteFlagOrNull("enabled", route.KeepAlive.Enabled);
        json.WriteDuration("idleTimeout", route.KeepAlive.IdleTimeout);
        json.WriteEndObject();
        json.WriteStartObject("timeouts");
        json.WriteDuration("requestBodyGap", route.Timeouts.RequestBodyGap);
        json.WriteDuration("backendSendGap", route.Timeouts.BackendSendGap);
        json.WriteDuration("backendResponse", route.Timeouts.BackendResponse);
        json.WriteDuration("backendBodyGap", route.Timeouts.BackendBodyGap);
        json.WriteDuration("tunnelIdle", route.Timeouts.TunnelIdle);
        json.WriteEndObject();
    }

    private static void WriteSlowClients(Utf8JsonWriter json, SlowClientOptions options)
    {
        json.WriteStartObject("slowClients");
        json.WriteDuration("requestHead", options.RequestHead);
        json.WriteDuration("requestBodyGap", options.RequestBodyGap);
        json.WriteDuration("responseSendGap", options.ResponseSendGap);
        json.WriteBytes("minimumRate", options.MinimumRateBytes);
        json.WriteDuration("minimumRateGrace", options.MinimumRateGrace);
        json.WriteBytes("maxUnsent", options.MaxUnsentBytes);
        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, BackendGroupOptions group)
    {
        json.WriteString("name", group.Name);
        json.WriteString("policy", ConfigValues.NameOf(group.Policy));
        json.WriteStartObject("hash");
        json.WriteString("on", ConfigValues.NameOf(group.Hash.On));
        json.WriteString("header", group.Hash.Header);
        json.WriteNumber("boundedLoad", group.Hash.BoundedLoad);
        json.WriteEndObject();
        WriteAffinity(json, group.Affinity);
        WriteList(json, "backends", group.Backends, WriteBackend);
        json.WriteStartObject("pool");
        json.WriteBoolean("enabled", group.Pool.Enabled);
        json.WriteDuration("idleTimeout", group.Pool.IdleTimeout);
        json.WriteNumber("maxIdle", group.Pool.MaxIdle);
        json.WriteNumber("maxRequests", group.Pool.MaxRequests);
        json.WriteDuration("maxAge", group.Pool.MaxAge);
        json.WriteNumber("maxAgeJitter", group.Pool.MaxAgeJitter);
        json.WriteBoolean("learnIdleTimeout", group.Pool.LearnIdleTimeout);
        json.WriteDuration("nonIdempotentReuse", group.Pool.NonIdempotentReuse);
        WriteTcpKeepAlive(json, group.Pool.TcpKeepAlive);
        json.WriteEndObject();
        json.WriteStartObject("queue");
        json.WriteNumber("maxWaiting", group.Queue.MaxWaiting);
        json.WriteDuration("timeout", group.Queue.Timeout);
        json.WriteEndObject();
        json.WriteStartObject("retries");
        json.WriteNumber("budgetShare", group.Retries.BudgetShare);
        json.WriteNumber("budgetMinimum", group.Retries.BudgetMinimum);
        json.WriteEndObject();
        WriteNames(json, group.Names);
        WriteHealth(json, group.Health);
        WriteEjection(json, group.Ejection);
        json.WriteDuration("slowStart", group.SlowStart);
    }

    private static void WriteNames(Utf8JsonWriter json, NameOptions names)
    {
        json.WriteStartObject("names");
        json.WriteDuration("interval", names.Interval);
        json.WriteDuration("timeout", names.Timeout);
        json.WriteString("addresses", ConfigValues.NameOf(names.Addresses));
        json.WriteNumber("maxAddresses", names.MaxAddresses);
        json.WriteEndObject();
    }

    // The key is a secret, and what is printed is passed around: a part of its hash tells whether two are the same.
    private static void WriteAffinity(Utf8JsonWriter json, AffinityOptions affinity)
    {
        json.WriteStartObject("affinity");
        json.WriteBoolean("enabled", affinity.Enabled);
        json.WriteString("cookie", affinity.Cookie);
        json.WriteString("key", affinity.HiddenKey());
        json.WriteDuration("maxAge", affinity.MaxAge);
        json.WriteString("sameSite", ConfigValues.NameOf(affinity.SameSite));
        json.WriteString("secure", ConfigValues.NameOf(affinity.Secure));
        json.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter json, HealthCheckOptions health)
    {
        json.WriteStartObject("health");
        json.WriteString("path", health.Path);
        json.WriteString("method", ConfigValues.NameOf(health.Method));
        json.WriteString("host", health.Host);
        WriteTexts(json, "expect", health.Expect);
        json.WriteDuration("interval", health.Interval);
        json.WriteDuration("timeout", health.Timeout);
        json.WriteNumber("rise", health.Rise);
        json.WriteNumber("fall", health.Fall);
        json.WriteNumber("jitter", health.Jitter);
        json.WriteEndObject();
    }

    private static void WriteEjection(Utf8JsonWriter json, EjectionOptions ejection)
    {
        json.WriteStartObject("ejection");
        json.WriteBoolean("enabled", ejection.Enabled);
        json.WriteNumber("consecutiveFailures", ejection.ConsecutiveFailures);
        json.WriteNumber("failureRate", ejection.FailureRate);
        json.WriteDuration("window", ejection.Window);
        json.WriteNumber("minimumRequests", ejection.MinimumRequests);
        json.WriteStartArray("statuses");
        foreach (int status in ejection.Statuses)
        {
            json.WriteNumberValue(status);
        }

        json.WriteEndArray();
        json.WriteDuration("baseTime", ejection.BaseTime);
        json.WriteDuration("maxTime", ejection.MaxTime);
        json.WriteNumber("maxShare", ejection.MaxShare);
        json.WriteEndObject();
    }

    private static void WriteBackend(Utf8JsonWriter json, BackendOptions backend)
    {
        json.WriteString("address", AddressText.Of(backend.Address));
        json.WriteNumber("weight", backend.Weight);
        json.WriteNumber("maxConnections", backend.MaxConnections);
        json.WriteString("authority", backend.Authority);
    }

    private static void WriteTcpKeepAlive(Utf8JsonWriter json, TcpKeepAliveOptions options)
    {
        json.WriteStartObject("tcpKeepAlive");
        json.WriteBoolean("enabled", options.Enabled);
        json.WriteDuration("time", options.Time);
        json.WriteDuration("interval", options.Interval);
        json.WriteNumber("probes", options.Probes);
        json.WriteDuration("userTimeout", options.UserTimeout);
        json.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter json, Limits limits)
    {
        json.WriteStartObject("limits");
        json.WriteNumber("maxClientConnections", limits.MaxClientConnections);
        json.WriteBytes("maxRequestHead", limits.MaxRequestHeadBytes);
        json.WriteNumber("maxRequestFields", limits.MaxRequestFields);
        json.WriteBytes("maxRequestLine", limits.MaxRequestLineBytes);
        json.WriteBytes("maxResponseHead", limits.MaxResponseHeadBytes);
        json.WriteNumber("maxResponseFields", limits.MaxResponseFields);
        json.WriteBytes("maxTrailer", limits.MaxTrailerBytes);
        json.WriteBytes("maxChunkExtension", limits.MaxChunkExtensionBytes);
        json.WriteNumber("maxConnectionOptions", limits.MaxConnectionOptions);
        json.WriteNumber("maxInterimResponses", limits.MaxInterimResponses);
        json.WriteBytes("maxRequestBody", limits.MaxRequestBodyBytes);
        json.WriteBytes("maxReplay", limits.MaxReplayBytes);
        json.WriteBytes("maxLinger", limits.MaxLingerBytes);
        json.WriteBytes("maxBuffer", limits.MaxBufferBytes);
        json.WriteNumber("maxTunnels", limits.MaxTunnels);
        json.WriteNumber("ledgerEntriesPerLoop", limits.LedgerEntriesPerLoop);
        json.WriteEndObject();
    }

    private static void WriteTimeouts(Utf8JsonWriter json, Timeouts timeouts)
    {
        json.WriteStartObject("timeouts");
        json.WriteDuration("requestHead", timeouts.RequestHead);
        json.WriteDuration("requestBodyGap", timeouts.RequestBodyGap);
        json.WriteDuration("responseSendGap", timeouts.ResponseSendGap);
        json.WriteDuration("backendConnect", timeouts.BackendConnect);
        json.WriteDuration("backendSendGap", timeouts.BackendSendGap);
        json.WriteDuration("backendResponse", timeouts.BackendResponse);
        json.WriteDuration("backendBodyGap", timeouts.BackendBodyGap);
        json.WriteDuration("tunnelIdle", timeouts.TunnelIdle);
        json.WriteDuration("linger", timeouts.Linger);
        json.WriteDuration("lingerTotal", timeouts.LingerTotal);
        json.WriteDuration("backendCloseWait", timeouts.BackendCloseWait);
        json.WriteDuration("drain", timeouts.Drain);
        json.WriteDuration("drainSpread", timeouts.DrainSpread);
        json.WriteDuration("earlyAnswerDrain", timeouts.EarlyAnswerDrain);
        json.WriteEndObject();
    }

    private static void WriteList<T>(
        Utf8JsonWriter json, string key, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> writeMembers)
    {
        json.WriteStartArray(key);
        foreach (T item in items)
        {
            json.WriteStartObject();
            writeMembers(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string key, IEnumerable<string> texts)
    {
        json.WriteStartArray(key);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    extension(Utf8JsonWriter json)
    {
        /// <param name="value">Null is written as such.</param>
        private void WriteDuration(string key, TimeSpan? value) =>
            json.WriteString(key, value is { } duration ? DurationText.Of(duration) : null);

        private void WriteFlagOrNull(string key, bool? value)
        {
            json.WritePropertyName(key);
            if (value is { } flag)
            {
                json.WriteBooleanValue(flag);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        private void WriteBytes(string key, long value) => json.WriteString(key, SizeText.Of(value));
    }
}
