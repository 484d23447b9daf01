using System.Net;
using System.Text;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Configuration;

/// <summary>A listener's options in the form in which an exchange needs them.</summary>
internal sealed class ListenerPlan
{
    private const long ExploreTicks = 300 * TimerWheel.TicksPerSecond;

    private readonly IPNetwork[] _trusted;
    private readonly byte[][] _upgradeProtocols;
    private readonly long _ageSpreadMilliseconds;
    private readonly double _exploreBelow;

    public ListenerPlan(ListenerOptions options, Timeouts timeouts, ViaToken viaToken)
    {
        KeepAliveOptions keepAlive = options.KeepAlive;
        Options = options;
        Persistence = PersistencePlan.Of(keepAlive);
        MaxRequests = keepAlive.MaxRequests > 0 ? keepAlive.MaxRequests : int.MaxValue;
        MaxAgeMilliseconds =
            keepAlive.MaxAge > TimeSpan.Zero ? (long)keepAlive.MaxAge.TotalMilliseconds : long.MaxValue;
        _ageSpreadMilliseconds = (long)(keepAlive.MaxAge.TotalMilliseconds * keepAlive.MaxAgeJitter);
        Caps = options.ClientCaps;
        ReadsProxyHeaders = options.ProxyProtocol;
        _exploreBelow = keepAlive.ExploreShare * (1L + uint.MaxValue);
        AnnouncesKeepAlive = keepAlive.AnnounceConnection;
        AnnouncesTimeout = keepAlive.AnnounceTimeout;
        AnnouncesRequests = keepAlive.AnnounceRequests && keepAlive.MaxRequests > 0;

        SlowClientOptions slow = options.SlowClients;
        RequestHeadTicks = TimerWheel.TicksOf(slow.RequestHead ?? timeouts.RequestHead);
        RequestBodyGapTicks = TimerWheel.TicksOf(slow.RequestBodyGap ?? timeouts.RequestBodyGap);
        ResponseSendGapTicks = TimerWheel.TicksOf(slow.ResponseSendGap ?? timeouts.ResponseSendGap);
        ResponseSend = new WriteClock(ResponseSendGapTicks);
        MinimumRate = new MinimumRate(slow.MinimumRateBytes, (long)slow.MinimumRateGrace.TotalMilliseconds);
        Forwarded = options.Forwarded.Mode switch
        {
            ForwardedFields.Append => ForwardedMode.Append,
            ForwardedFields.Off => ForwardedMode.Off,
            _ => ForwardedMode.Set,
        };
        Via = options.Via is null ? [] : viaToken.ElementOf(options.Via);
        _trusted = [.. options.TrustedProxies];
        _upgradeProtocols = [.. options.UpgradeProtocols.Select(Encoding.ASCII.GetBytes)];
        Settings = new ListenSettings(
            options.Backlog, options.SharePort, TcpKeepAlive.Of(options.TcpKeepAlive), slow.MaxUnsentBytes);
    }

    public ListenerOptions Options { get; }

    /// <summary>Whether and how long connections stay open, where no route says otherwise.</summary>
    public PersistencePlan Persistence { get; }

    public int MaxRequests { get; }

    public long MaxAgeMilliseconds { get; }

    public ClientCapsOptions Caps { get; }

    /// <summary>Whether the trusted peers begin with a header that says who the client is.</summary>
    public bool ReadsProxyHeaders { get; }

    public bool AnnouncesKeepAlive { get; }

    public bool AnnouncesTimeout { get; }

    public bool AnnouncesRequests { get; }

    public long RequestHeadTicks { get; }

    public long RequestBodyGapTicks { get; }

    public long ResponseSendGapTicks { get; }

    /// <summary>For connections of which no exchange measures the rate.</summary>
    public WriteClock ResponseSend { get; }

    public MinimumRate MinimumRate { get; }

    public ForwardedMode Forwarded { get; }

    /// <summary>Our element of Via without the version; empty for none.</summary>
    public byte[] Via { get; }

    public bool AbortsOnClientClose => Options.AbortOnClientClose;

    public ListenSettings Settings { get; }

    /// <summary>Whether a connection has reached its own maximum age, the same each time it is asked.</summary>
    /// <param name="seed">Of the loop. What is drawn by it spreads the ends of those that began together.</param>
    public bool IsTooOld(long ageMilliseconds, ConnectionId id, int seed) =>
        ageMilliseconds >= MaxAgeMilliseconds - _ageSpreadMilliseconds
        && ageMilliseconds >= MaxAgeMilliseconds - (long)(id.Draw(seed) % ((ulong)_ageSpreadMilliseconds + 1));

    /// <summary>How long a connection may be idle: some wait longer, for what can be learned from them.</summary>
    /// <param name="seed">Of the loop.</param>
    /// <param name="idleTicks">How long it may be otherwise.</param>
    public long IdleTicksOf(ConnectionId id, int seed, long idleTicks) =>
        _exploreBelow > 0 && id.Draw(~seed) >> 32 < _exploreBelow ? Math.Max(ExploreTicks, idleTicks) : idleTicks;

    public bool Trusts(in PeerAddress peer)
    {
        foreach (IPNetwork network in _trusted)
        {
            if (peer.IsIn(network))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>Which protocol of the list a request asks to switch to, or -1.</returns>
    public int UpgradeIndexOf(ReadOnlySpan<byte> protocol)
    {
        for (int i = 0; i < _upgradeProtocols.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(protocol, _upgradeProtocols[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
