using System.Net;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>An address that clients connect to, and the rules for the connections accepted there.</summary>
public sealed record ListenerOptions
{
    /// <summary>The name in logs and in the status.</summary>
    /// <value>Default <c>default</c>. Not empty, and unique among the listeners.</value>
    public string Name { get; init; } = "default";

    /// <summary>Where to listen.</summary>
    /// <value>Required. Port 0 takes a free one; <see cref="LoadBalancer.LocalEndPoints"/> tells which.</value>
    public required IPEndPoint Address { get; init; }

    /// <summary>How long client connections persist.</summary>
    public KeepAliveOptions KeepAlive { get; init; } = new();

    /// <summary>How slow clients may be.</summary>
    public SlowClientOptions SlowClients { get; init; } = new();

    /// <summary>How many connections one client may have.</summary>
    public ClientCapsOptions ClientCaps { get; init; } = new();

    /// <summary>TCP keepalive probes towards clients.</summary>
    public TcpKeepAliveOptions TcpKeepAlive { get; init; } = new();

    /// <summary>What backends are told about the client.</summary>
    public ForwardedOptions Forwarded { get; init; } = new();

    /// <summary>Peers whose own <c>X-Forwarded-*</c> fields are believed.</summary>
    /// <value>Default empty: nobody; the fields of all others are dropped.</value>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether the trusted proxies say for whom each connection is, in the PROXY protocol (1 or 2).</summary>
    /// <value>Default false. True needs <see cref="TrustedProxies"/>.</value>
    /// <remarks>
    /// From them the header is then required, before any other byte and within <see cref="Timeouts.RequestHead"/>; a
    /// connection without it is closed without an answer. The client that it names is the one of
    /// <see cref="ClientCaps"/>, of <c>X-Forwarded-For</c> and of the ledger. From any other peer it is a malformed
    /// request. Source: HAProxy, doc/proxy-protocol.txt.
    /// </remarks>
    public bool ProxyProtocol { get; init; }

    /// <summary>The name of this gateway in the <c>Via</c> field it adds to requests and responses.</summary>
    /// <value>Default <c>l7engine</c>. A token (RFC 9110 section 5.6.2); null adds none.</value>
    /// <remarks>With a Via field nginx backends stop compressing unless told otherwise (<c>gzip_proxied</c>).</remarks>
    public string? Via { get; init; } = "l7engine";

    /// <summary>Protocols that a client may switch to; any other Upgrade is removed, and plain HTTP served.</summary>
    /// <value>Default <c>websocket</c>. Tokens, compared without case; empty allows none; never <c>h2c</c>.</value>
    /// <remarks>After the switch nothing is parsed: a protocol that carries requests would escape every rule.</remarks>
    public IReadOnlyList<string> UpgradeProtocols { get; init; } = ["websocket"];

    /// <summary>Whether a client that finishes sending gives up the request that it waits for.</summary>
    /// <value>Default false: it gets its response, which says close (RFC 9112 section 9.6).</value>
    /// <remarks>
    /// A close and the end of sending look alike until something is sent. True spares backends the work for clients
    /// that have gone, and fails those that finish sending and still want their response. Origin: HAProxy
    /// <c>abortonclose</c>. A response that has begun goes on.
    /// </remarks>
    public bool AbortOnClientClose { get; init; }

    /// <summary>Connections the kernel holds until they are accepted, per loop.</summary>
    /// <value>Default 4,096. Range 1 to 65,535. The kernel cuts it to <c>net.core.somaxconn</c>.</value>
    public int Backlog { get; init; } = 4_096;

    /// <summary>Whether other processes of the same user may listen on this address at the same time.</summary>
    /// <value>Default false: an address in use is an error when starting.</value>
    public bool SharePort { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireName(Name);
        errors.RequireAddress(Address);
        KeepAlive.Validate(errors.In("keepAlive"));
        SlowClients.Validate(errors.In("slowClients"));
        ClientCaps.Validate(errors.In("clientCaps"));
        TcpKeepAlive.Validate(errors.In("tcpKeepAlive"));
        Forwarded.Validate(errors.In("forwarded"), TrustedProxies.Count);
        if (ProxyProtocol && TrustedProxies.Count == 0)
        {
            errors.Add("proxyProtocol", "is true, but trustedProxies is empty; name the proxies that speak it");
        }

        if (Via is not null && !HttpText.IsToken(Via))
        {
            errors.Add("via", $"is \"{Via}\"; it must be a token (letters, digits, - . _), or null for no Via field");
        }

        for (int i = 0; i < UpgradeProtocols.Count; i++)
        {
            ValidateProtocol(UpgradeProtocols[i], errors.In("upgradeProtocols", i));
        }

        errors.RequireRange(Backlog, 1, 65_535);
    }

    private static void ValidateProtocol(string protocol, ConfigErrors errors)
    {
        if (!HttpText.IsToken(protocol))
        {
            errors.Add("", $"is \"{protocol}\"; it must be a token, such as \"websocket\"");
        }
        else if (protocol.Equals("h2c", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add("", "is \"h2c\", which would carry requests past every rule; leave it out");
        }
    }
}
